using Mlps.Torch.Tests.Weights;
using Mlps.Torch.Tests.Weights.Fuzzing;
using Mlps.Torch.Weights;

namespace Mlps.Fuzz.Formats;

/// <summary>Weight files, held to what the tests of the reader hold them to.</summary>
internal sealed class WeightFuzzer : IFormatFuzzer
{
    private readonly SpelledNet _network = new();
    private readonly IReadOnlyList<FuzzSeed> _seeds;
    private readonly WeightFileFuzzer _fuzzer;

    public WeightFuzzer(int seed, IEnumerable<string> files)
    {
        _seeds = FuzzSeeds.Create([.. Directory.EnumerateFiles(FuzzFormats.PathOfFixture(string.Empty), "*.pth").Order(StringComparer.Ordinal), .. files]);
        _fuzzer = new WeightFileFuzzer(
            seed,
            _seeds,
            static (file, name) =>
            {
                using var tensor = file.Load(name);
            },
            file => _network.CompareWeights(file));
    }

    public void WarmUp()
    {
        for (var number = 0; number < _seeds.Count; number++)
        {
            _fuzzer.Run(number);
        }
    }

    public FuzzCase Run(int number) => new(_fuzzer.Run(number), _seeds[number % _seeds.Count].Content.Length, _seeds[number % _seeds.Count].Name);

    public void Dispose() => _network.Dispose();
}
