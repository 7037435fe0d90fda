using BenchmarkDotNet.Attributes;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch.Runtime;
using SkiaSharp;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>How fast are palette masks read, on one core? 224 px.</summary>
[BenchmarkConfiguration(iterations: 9, perSecond: "masks")]
public class PaletteMaskBenchmark
{
    private const int Masks = 200;

    private Tissue _tissue = null!;
    private string[] _files = [];

    /// <summary>Draws tissue.</summary>
    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        _tissue = new Tissue(trainPatches: 1, Masks);
        _files = Directory.GetFiles(Path.Combine(_tissue.Folder, "test", "mask"), "*.png");
    }

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public void Cleanup() => _tissue.Dispose();

    /// <summary>Colours, not indices: what a picture library gives.</summary>
    [Benchmark(Baseline = true, Description = "SKBitmap.Decode", OperationsPerInvoke = Masks)]
    public int Decode() => _files.Sum(file =>
    {
        using var bitmap = SKBitmap.Decode(file);
        return bitmap.Width;
    });

    /// <summary>Indices and palette, every rule checked.</summary>
    [Benchmark(Description = "PalettePng.Read", OperationsPerInvoke = Masks)]
    public int Read() => _files.Sum(file => PalettePng.Read(file).Width);
}
