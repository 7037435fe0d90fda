using BenchmarkDotNet.Attributes;
using Mlps.Benchmarks.Setup;
using Mlps.Torch.Evaluation;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>How fast are masks counted, on one core, against a loop over the pixels? Operations are pixels.</summary>
[BenchmarkConfiguration(iterations: 15, perSecond: "pixels")]
public class ConfusionMatrixBenchmark
{
    private const int Pixels = 224 * 224;
    private const int Times = 400;

    private readonly byte[] _truth = new byte[Pixels];
    private readonly byte[] _predicted = new byte[Pixels];
    private readonly long[,] _counts = new long[5, 5];
    private PixelConfusionMatrix _matrix = null!;

    /// <summary>Masks of regions, as tissue has, or of noise.</summary>
    [Params("tissue", "noise")]
    public string Masks { get; set; } = "tissue";

    /// <summary>Draws masks.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Pixels; i++)
        {
            var region = ((i / 224 / 40) + (i % 224 / 40)) % 5;
            _truth[i] = (byte)(Masks == "noise" ? random.Next(5) : region);
            _predicted[i] = (byte)(Masks == "noise" ? random.Next(4) : (i % 224) + 3 < 224 ? region % 4 : random.Next(4));
        }

        _matrix = new PixelConfusionMatrix(classCount: 4);
    }

    /// <summary>As anybody would write it.</summary>
    [Benchmark(Baseline = true, Description = "loop over pixels", OperationsPerInvoke = Pixels * Times)]
    public long Loop()
    {
        for (var time = 0; time < Times; time++)
        {
            for (var i = 0; i < Pixels; i++)
            {
                _counts[_truth[i], _predicted[i]]++;
            }
        }

        return _counts[0, 0];
    }

    /// <summary>Vectorised.</summary>
    [Benchmark(Description = "PixelConfusionMatrix.Add", OperationsPerInvoke = Pixels * Times)]
    public long Add()
    {
        for (var time = 0; time < Times; time++)
        {
            _matrix.Add(_truth, _predicted);
        }

        return _matrix[0, 0];
    }
}
