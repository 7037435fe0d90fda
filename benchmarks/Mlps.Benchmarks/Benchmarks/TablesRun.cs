using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.InterleavedRuns;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch;
using SkiaSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What do tables cost beside the call on tensors, and beside decoding files alone? <c>tables [small|published|files] [images]</c>, in interleaved runs.</summary>
/// <remarks>Each table is read once more without reading ahead, as all were before.</remarks>
internal static class TablesRun
{
    public const string Verb = "tables";

    private const string Files = "files";

    /// <summary>Batches, so that the first one, ahead of which nothing can be read, does not count much.</summary>
    private const int Batches = 16;

    private const int ImageFiles = 400;

    public static void Run(string[] arguments)
    {
        var images = arguments.Length > 1 ? Arguments.Count(arguments[1], "images") : (int?)null;
        switch (arguments.FirstOrDefault())
        {
            case null:
                Decoded(NetworkSize.Small, images);
                FromFiles(ImageFiles);
                break;
            case Files:
                FromFiles(images ?? ImageFiles);
                break;
            case "small" or "published":
                Decoded(Arguments.Choice<NetworkSize>(arguments[0]), images);
                break;
            default:
                throw new UsageException($"'{arguments[0]}' is none of small, published, files.");
        }
    }

    private static void Decoded(NetworkSize size, int? count)
    {
        var batch = SharedChain.Rows;
        var images = count ?? Batches * batch;
        using var tissue = new Tissue(trainPatches: 1, testImages: images);
        var chain = SharedChain.Get(size);
        var rows = DecodedImages.Read(tissue.Dataset, images);
        var table = new MLContext(1).Data.LoadFromEnumerable(rows);
        var bytes = rows.Chunk(batch).Select(some => tensor(some.SelectMany(row => ImagePixels.ToRgb(row.Image)).ToArray(), [some.Length, 3, Tissue.Side, Tissue.Side])).ToArray();
        InterleavedTimer.Measure(
            $"{size} networks, {images} decoded images, batch {batch}, {ChosenDevice.Device}", size is NetworkSize.Published && !ChosenDevice.IsGpu ? 3 : 15, images, BFloat16Processor.Keep(
            ("tensors", () => Tensors(Precision.TensorFloat32)),
            ("model.Transform", () => Masks.Read(chain.Model.Transform(table))),
            ("model.Transform, nothing ahead", () => Masks.ReadInTurn(chain.Model.Transform(table)))));
        if (ChosenDevice.IsGpu)
        {
            InterleavedTimer.Measure(
                $"{size} networks, bfloat16, {images} decoded images, batch {batch}, {ChosenDevice.Device}", 15, images,
                ("tensors", () => Tensors(Precision.BFloat16)),
                ("model.Transform", () => Masks.Read(chain.TransformInSixteenBits(table))),
                ("model.Transform, nothing ahead", () => Masks.ReadInTurn(chain.TransformInSixteenBits(table))));
        }

        Array.ForEach(bytes, one => one.Dispose());
        Array.ForEach(rows, row => row.Image.Dispose());

        void Tensors(Precision precision)
        {
            foreach (var some in bytes)
            {
                using var gate = chain.Classifier.PredictWindowProbabilities(some, precision);
                using var masks = chain.Segmenter.PredictMasks(some, gate, chain.Segmentation with { Precision = precision });
            }
        }
    }

    private static void FromFiles(int count)
    {
        using var tissue = new Tissue(trainPatches: 1, testImages: count);
        var files = Directory.GetFiles(Path.Combine(tissue.Folder, "test", "img"), "*.png");
        var ml = new MLContext(1);
        using var stage = new FreeStage(ml);
        var predicted = stage.Transform(TissueDataset.LoadImages(ml, Path.Combine(tissue.Folder, "test", "img")));
        InterleavedTimer.Measure(
            $"{files.Length} PNG files, {Environment.ProcessorCount} cores, a network that costs nothing", 25, files.Length,
            ("decoding alone, on all cores", () => Decode(files)),
            ("Transform", () => Masks.Read(predicted)),
            ("Transform, nothing ahead", () => Masks.ReadInTurn(predicted)));
    }

    private static void Decode(string[] files) =>
        Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, file =>
        {
            using var bitmap = SKBitmap.Decode(file);
            _ = bitmap.Width;
        });
}
