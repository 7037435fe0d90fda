using Microsoft.ML;

namespace Mlps.Benchmarks.Setup;

/// <summary>A chain of each size, trained on first use and then shared by all benchmarks.</summary>
internal static class SharedChain
{
    /// <summary>The batch size of tables.</summary>
    public const int Batch = 4;

    private static readonly Dictionary<NetworkSize, BenchmarkChain> _chains = [];

    public static BenchmarkChain Get(NetworkSize size)
    {
        if (!_chains.TryGetValue(size, out var chain))
        {
            using var tissue = new Tissue(trainPatches: 2, testImages: 1);
            chain = _chains[size] = new BenchmarkChain(new MLContext(1), tissue.Dataset, size, Batch);
        }

        return chain;
    }
}
