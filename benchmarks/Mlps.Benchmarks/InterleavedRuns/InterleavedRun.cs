using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>The benchmarks whose differences are a few per cent, in interleaved runs: <c>interleaved [inference|single|training] [published|small]</c>; all of them where none is named.</summary>
internal static class InterleavedRun
{
    public static void Run(string[] names)
    {
        foreach (var size in Enum.GetValues<NetworkSize>().Where(size => IsNamedOrNoneIs(Enum.GetNames<NetworkSize>(), size.ToString())))
        {
            var rounds = size is NetworkSize.Published ? 9 : 61;
            if (IsNamed("inference"))
            {
                var benchmark = new InferenceBenchmark { Size = size };
                benchmark.Setup();
                InterleavedTimer.Measure(
                    $"inference, {size} networks, batch {SharedChain.Batch}", rounds, SharedChain.Batch, BFloat16Processor.Keep(
                    ("modules' forward as called", benchmark.Plain),
                    ("modules' forward without gradients", benchmark.PlainWithoutGradients),
                    ("tensors", benchmark.Tensors),
                    ("model.Transform over a table", () => benchmark.Table()),
                    ("tensors, bfloat16", benchmark.TensorsInSixteenBits),
                    ("model.Transform, bfloat16", () => benchmark.TableInSixteenBits()),
                    ("classifier alone", benchmark.Gate)));
                benchmark.Cleanup();
            }

            if (IsNamed("single"))
            {
                var benchmark = new SinglePredictionBenchmark { Size = size };
                benchmark.Setup();
                InterleavedTimer.Measure($"single image, {size} networks", rounds, SinglePredictionBenchmark.Times, ("tensors", benchmark.Tensors), ("PredictionEngine.Predict", () => benchmark.Engine()));
                benchmark.Cleanup();
            }
        }

        foreach (var stage in IsNamed("training") ? [1, 2] : Array.Empty<int>())
        {
            var benchmark = new TrainingStepBenchmark { Stage = stage };
            benchmark.SetupPlain();
            benchmark.SetupTrainer();
            if (BFloat16Processor.HasInstructions)
            {
                benchmark.SetupTrainerInSixteenBits();
            }

            using var asItComes = new PlainProcess(stage);
            InterleavedTimer.Measure(
                $"training, stage {stage}, batch {TrainingStepBenchmark.Batch}", 9, TrainingStepBenchmark.Batch, BFloat16Processor.Keep(
                ("forward, loss, backward, SGD", () => benchmark.Plain()),
                ("the same, libtorch as it comes", asItComes.Step),
                ("this library's training step", () => benchmark.Trainer()),
                ("the same in bfloat16", () => benchmark.TrainerInSixteenBits())));
            benchmark.Cleanup();
        }

        bool IsNamed(string benchmark) => IsNamedOrNoneIs(["inference", "single", "training"], benchmark);

        bool IsNamedOrNoneIs(string[] all, string name)
        {
            var named = all.Intersect(names, StringComparer.OrdinalIgnoreCase).ToArray();
            return named.Length == 0 || named.Contains(name, StringComparer.OrdinalIgnoreCase);
        }
    }
}
