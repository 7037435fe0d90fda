using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Benchmarks.Setup;
using Mlps.Torch.Runtime;

namespace Mlps.Benchmarks.Endurance;

/// <summary>A service's memory: <c>server [bounded|unbounded|off] [images] [requests at a time] [small|published]</c> predicts images of 200 to 500 pixels a side with a pool of prediction engines.</summary>
internal static class ServerRun
{
    public const string Verb = "server";

    private const int SmallestSide = 200;
    private const int LargestSide = 500;

    /// <summary>What the process does with freed memory, which has to be known before libtorch is loaded.</summary>
    public static void Decide(string[] arguments)
    {
        if (arguments is [Verb, "off", ..])
        {
            AppContext.SetSwitch("Mlps.Torch.KeepFreedMemory", false);
        }

        if (arguments is [Verb, "unbounded", ..])
        {
            (FreedMemory.Bound, FreedMemory.BusyBound) = (long.MaxValue, long.MaxValue);
        }
    }

    public static void Run(string[] arguments)
    {
        if (arguments is not ([] or ["bounded" or "unbounded" or "off", ..]))
        {
            throw new UsageException($"'{arguments[0]}' is none of bounded, unbounded, off.");
        }

        var images = arguments.Length > 1 ? Arguments.Count(arguments[1], "images") : 300;
        var atATime = arguments.Length > 2 ? Arguments.Count(arguments[2], "requests at a time") : 20;
        var chain = SharedChain.Get(arguments.Length > 3 ? Arguments.Choice<NetworkSize>(arguments[3]) : NetworkSize.Small);
        var engines = new ConcurrentBag<PredictionEngine<ImageOfAnySize, MaskRow>>();
        var random = new Random(1);
        (int Width, int Height)[] sizes = [.. Enumerable.Range(0, images).Select(_ => (random.Next(SmallestSide, LargestSide), random.Next(SmallestSide, LargestSide)))];

        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        Console.WriteLine(ProcessMemory.Header);
        Console.WriteLine(ProcessMemory.Line("start"));
        long largest = 0;
        var clock = Stopwatch.StartNew();
        using (new Timer(_ => largest = Math.Max(largest, ProcessMemory.AnonymousMiB), null, 0, 100))
        {
            Parallel.ForEach(sizes, new ParallelOptions { MaxDegreeOfParallelism = atATime }, size =>
            {
                var engine = engines.TryTake(out var idle) ? idle : Engine(chain);
                using var image = NoiseImage.Create(size.Width, size.Height, seed: size.Width);
                _ = engine.Predict(new ImageOfAnySize { Image = image }).PredictedMask.Length;
                engines.Add(engine);
            });
        }

        Console.WriteLine(ProcessMemory.Line(string.Create(CultureInfo.InvariantCulture, $"{images} images, {atATime} at a time, {clock.Elapsed.TotalSeconds:f1} s, at most {largest} MiB")));
        GC.Collect();
        Thread.Sleep(TimeSpan.FromSeconds(12));
        Console.WriteLine(ProcessMemory.Line("twelve seconds later"));
        Console.WriteLine(LibTorch.Diagnose().Split('\n').First(line => line.Contains("KeepFreedMemory", StringComparison.Ordinal)).Trim());
    }

    private static PredictionEngine<ImageOfAnySize, MaskRow> Engine(BenchmarkChain chain) =>
        new MLContext(1).Model.CreatePredictionEngine<ImageOfAnySize, MaskRow>(chain.Model, new PredictionEngineOptions { OwnsTransformer = false });
}
