using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch.Runtime;
using SkiaSharp;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>What do labels, checks and the store add to decoding training patches, on all cores? 400 PNG files of 224 px.</summary>
[BenchmarkConfiguration(iterations: 7, perSecond: "patches")]
public class LoadingBenchmark
{
    private const int Patches = 400;

    private Tissue _tissue = null!;
    private MLContext _ml = null!;
    private string[] _files = [];

    /// <summary>Draws tissue.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        _ml = new MLContext(1);
        _tissue = new Tissue(Patches, testImages: 1);
        _files = Directory.GetFiles(Path.Combine(_tissue.Folder, "train"), "*.png", SearchOption.AllDirectories);
    }

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public void Cleanup() => _tissue.Dispose();

    /// <summary>Decoding alone.</summary>
    [Benchmark(Baseline = true, Description = "SKBitmap.Decode", OperationsPerInvoke = Patches)]
    public int Decode()
    {
        var pixels = 0;
        Parallel.ForEach(_files, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, file =>
        {
            using var bitmap = SKBitmap.Decode(file);
            Interlocked.Add(ref pixels, bitmap.Width * bitmap.Height);
        });
        return pixels;
    }

    /// <summary>As training reads them.</summary>
    [Benchmark(Description = "table, label and patch store", OperationsPerInvoke = Patches)]
    public int Store()
    {
        var table = _tissue.Dataset.Load(_ml, DatasetSplit.Train);
        using var store = new PatchStoreReader(table, TissueColumns.Image, TissueColumns.Label, [], Tissue.ClassCount).Read(CancellationToken.None);
        return store.Count;
    }
}
