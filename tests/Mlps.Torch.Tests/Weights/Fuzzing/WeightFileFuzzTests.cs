using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Weights.Fuzzing;

public sealed class WeightFileFuzzTests
{
    private const int Seed = 2022;
    private static readonly string[] TorchFiles = [Fixture.Path("stage1_small_zip.pth"), Fixture.Path("stage1_small_legacy.pth")];

    [Fact]
    public void Seeds_Undamaged_AreAllRead()
    {
        Assert.All(FuzzSeeds.Create(TorchFiles), seed =>
        {
            using var file = WeightFile.Read(new MemoryStream(seed.Content), seed.Name);
            Assert.NotEmpty(file.Entries);
            Assert.All(file.Entries, entry => Assert.Equal(entry.ByteCount, file.LoadBytes(entry.Name).Length));
        });
    }

    [Fact]
    public void Read_DamagedSmallFiles_AreReadOrRefusedAndNothingElse()
    {
        Fuzz(FuzzSeeds.Create([]), cases: 10_000, (file, name) => file.LoadBytes(name));
    }

    [Fact]
    public void Load_DamagedSmallFiles_NeverHarmsLibtorch()
    {
        Fuzz(FuzzSeeds.Create([]), cases: 2000, (file, name) =>
        {
            using var tensor = file.Load(name);
        });
    }

    [Fact]
    public void Read_DamagedPyTorchFiles_AreReadOrRefusedAndNothingElse()
    {
        Fuzz([.. FuzzSeeds.Create(TorchFiles).Take(3)], cases: 400, (file, name) => file.LoadBytes(name));
    }

    private static void Fuzz(IReadOnlyList<FuzzSeed> seeds, int cases, Action<WeightFile, string> load)
    {
        using var net = new SpelledNet();
        var fuzzer = new WeightFileFuzzer(Seed, seeds, load, file => net.CompareWeights(file));
        var read = 0;
        for (var i = 0; i < cases; i++)
        {
            read += fuzzer.Run(i) ? 1 : 0;
        }

        // Both must occur, or the damage was too light or too heavy to test anything.
        Assert.InRange(read, cases / 50, cases * 49 / 50);
    }
}
