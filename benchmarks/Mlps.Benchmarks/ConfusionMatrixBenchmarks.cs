using BenchmarkDotNet.Attributes;
using Mlps.Torch.Evaluation;

namespace Mlps.Benchmarks;

/// <summary>Question: how fast are masks counted, against a loop over the pixels?</summary>
[ShortRunJob]
public class ConfusionMatrixBenchmarks
{
    private const int Pixels = 224 * 224;
    private readonly byte[] _truth = new byte[Pixels];
    private readonly byte[] _predicted = new byte[Pixels];
    private readonly long[,] _counts = new long[5, 5];
    private ConfusionMatrix _matrix = null!;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Pixels; i++)
        {
            _truth[i] = (byte)random.Next(5);
            _predicted[i] = (byte)random.Next(4);
        }

        _matrix = new ConfusionMatrix(classCount: 4);
    }

    [Benchmark(Baseline = true, Description = "loop over pixels")]
    public long Loop()
    {
        for (var i = 0; i < Pixels; i++)
        {
            _counts[_truth[i], _predicted[i]]++;
        }

        return _counts[0, 0];
    }

    [Benchmark(Description = "ConfusionMatrix.Add")]
    public long Add()
    {
        _matrix.Add(_truth, _predicted);
        return _matrix[0, 0];
    }
}
