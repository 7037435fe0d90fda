namespace Mlps.Benchmarks.Setup;

/// <summary>A chain of each size, trained on first use and then shared by all benchmarks.</summary>
internal static class SharedChain
{
    /// <summary>The batch size of tables on a CPU.</summary>
    public const int Batch = 4;

    private const int BatchOnGpu = 32;

    private static readonly Dictionary<NetworkSize, BenchmarkChain> _chains = [];

    /// <summary>The batch size of tables.</summary>
    public static int Rows => ChosenDevice.Batch(Batch, BatchOnGpu);

    public static BenchmarkChain Get(NetworkSize size)
    {
        if (!_chains.TryGetValue(size, out var chain))
        {
            using var tissue = new Tissue(trainPatches: 2, testImages: 1);
            chain = _chains[size] = new BenchmarkChain(ChosenDevice.CreateContext(), tissue.Dataset, size, Rows);
        }

        return chain;
    }
}
