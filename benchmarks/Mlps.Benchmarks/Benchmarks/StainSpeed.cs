using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Setup;
using Mlps.ML;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>Pixels a second of stain normalization on one thread, for images of several sizes: <c>stains [image]</c>.</summary>
internal static class StainSpeed
{
    private const int Rounds = 9;
    private const double SecondsARound = 0.5;

    /// <param name="file">An image that is cut and repeated to each size; null for synthetic tissue.</param>
    public static void Run(string? file)
    {
        if (file is not null && !File.Exists(file))
        {
            throw new UsageException($"There is no file {file}.");
        }

        using var tissue = file is null ? new Tissue(trainPatches: 1, testImages: 1) : null;
        using var original = MLImage.CreateFromFile(file ?? Directory.GetFiles(Path.Combine(tissue!.Dataset.Folder, "test", "img"))[0]);
        var ml = new MLContext(seed: 1);
        foreach (var method in Enum.GetValues<StainMethod>())
        {
            using var stains = ml.TissueSegmentation.NormalizeStains(new() { Method = method, ReferenceImage = original }).Fit(ml.Data.LoadFromEnumerable(new[] { new ImageRow { Image = original } }));
            foreach (var side in (int[])[96, 224, 1024])
            {
                using var image = Repeat(original, side);
                var rates = Enumerable.Range(0, Rounds + 1).Select(_ => Rate(stains, image)).Skip(1).Order().ToArray();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{method}, {side} x {side}: {rates[Rounds / 2]:f1} Mpixel/s on one thread ({rates[0]:f1} to {rates[^1]:f1})"));
            }
        }
    }

    private static double Rate(StainNormalizationTransformer stains, MLImage image)
    {
        var pixels = 0L;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < SecondsARound)
        {
            stains.Normalize(image).Dispose();
            pixels += image.Width * image.Height;
        }

        return pixels / clock.Elapsed.TotalSeconds / 1e6;
    }

    private static MLImage Repeat(MLImage image, int side)
    {
        var pixels = new byte[side * side * 4];
        for (var pixel = 0; pixel < side * side; pixel++)
        {
            var source = ((pixel / side % image.Height) * image.Width) + (pixel % side % image.Width);
            image.Pixels.Slice(source * 4, 4).CopyTo(pixels.AsSpan(pixel * 4));
        }

        return MLImage.CreateFromPixels(side, side, image.PixelFormat, pixels);
    }
}
