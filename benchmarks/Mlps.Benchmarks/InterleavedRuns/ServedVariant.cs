using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>One measured call of this build, run once for every line of input, so that two builds can be compared in interleaved runs.</summary>
internal static class ServedVariant
{
    public const string Verb = "serve-variant";

    /// <summary>What can be compared, with the rounds that each deserves.</summary>
    public static IReadOnlyDictionary<string, int> Rounds { get; } = new Dictionary<string, int>
    {
        ["inference-small"] = 61,
        ["transform-small"] = 61,
        ["single-small"] = 61,
        ["inference-published"] = 9,
        ["transform-published"] = 9,
        ["single-published"] = 9,
        ["training-1"] = 9,
        ["training-2"] = 9,
        ["pseudo-all"] = 9,
        ["pseudo-present"] = 9,
    };

    /// <summary>Runs in the started process, until its input ends.</summary>
    public static void Serve(string variant)
    {
        var run = Prepare(variant);
        Console.WriteLine(Verb);
        while (Console.ReadLine() is not null)
        {
            run();
            Console.WriteLine(Verb);
        }
    }

    private static Action Prepare(string variant)
    {
        var size = variant.EndsWith("small", StringComparison.Ordinal) ? NetworkSize.Small : NetworkSize.Published;
        switch (variant.Split('-')[0])
        {
            case "inference":
                var inference = new InferenceBenchmark { Size = size };
                inference.Setup();
                return inference.Tensors;
            case "transform":
                var table = new InferenceBenchmark { Size = size };
                table.Setup();
                return () => table.Table();
            case "single":
                var single = new SinglePredictionBenchmark { Size = size };
                single.Setup();
                return () => single.Engine();
            case "training":
                var training = new TrainingStepBenchmark { Stage = variant[^1] - '0' };
                training.SetupTrainer();
                return () => training.Trainer();
            case "pseudo":
                var pseudo = new PseudoMaskBenchmark();
                pseudo.Setup();
                return variant.EndsWith("all", StringComparison.Ordinal) ? pseudo.AllClasses : pseudo.PresentClasses;
            default:
                throw new ArgumentException($"Nothing is called '{variant}'. There are: {string.Join(", ", Rounds.Keys)}.", nameof(variant));
        }
    }
}
