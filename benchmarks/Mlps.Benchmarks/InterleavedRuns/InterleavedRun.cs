using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Setup;
using Mlps.Torch;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>The benchmarks whose differences are a few per cent, in interleaved runs: <c>interleaved [inference|single|pseudo|training] [published|small]</c>; all of them where none is named.</summary>
internal static class InterleavedRun
{
    private static readonly string[] _benchmarks = ["inference", "single", "pseudo", "training"];

    public static void Run(string[] names)
    {
        string[] all = [.. _benchmarks, .. Enum.GetNames<NetworkSize>().Select(size => size.ToLowerInvariant())];
        if (names.Except(all, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } unknown)
        {
            throw new UsageException($"'{unknown}' is none of {string.Join(", ", all)}.");
        }

        foreach (var size in Enum.GetValues<NetworkSize>().Where(size => IsNamedOrNoneIs(Enum.GetNames<NetworkSize>(), size.ToString())))
        {
            var rounds = size is NetworkSize.Published ? 9 : 61;
            if (IsNamed("inference"))
            {
                var benchmark = new InferenceBenchmark { Size = size };
                benchmark.Setup();
                InterleavedTimer.Measure(
                    $"inference, {size} networks, batch {SharedChain.Rows}", rounds, SharedChain.Rows, BFloat16Processor.Keep(
                    ("modules' forward as called", benchmark.Plain),
                    ("modules' forward without gradients", benchmark.PlainWithoutGradients),
                    ("tensors", benchmark.Tensors),
                    (ChosenDevice.IsGpu ? "tensors, TensorFloat32" : string.Empty, benchmark.TensorsInTensorFloat32),
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

            if (ChosenDevice.IsGpu)
            {
                benchmark.SetupTrainer(Precision.TensorFloat32);
            }

            using var asItComes = ChosenDevice.IsGpu ? null : new PlainProcess(stage);
            InterleavedTimer.Measure(
                $"training, stage {stage}, batch {TrainingStepBenchmark.Patches}", 9, TrainingStepBenchmark.Patches, BFloat16Processor.Keep(
                ("forward, loss, backward, SGD", () => benchmark.Plain()),
                (asItComes is null ? string.Empty : "the same, libtorch as it comes", () => asItComes!.Step()),
                ("this library's training step", () => benchmark.Trainer()),
                (ChosenDevice.IsGpu ? "the same in TensorFloat32" : string.Empty, () => benchmark.Step(Precision.TensorFloat32)),
                ("the same in bfloat16", () => benchmark.TrainerInSixteenBits())));
            benchmark.Cleanup();
        }

        if (IsNamed("pseudo"))
        {
            var benchmark = new PseudoMaskBenchmark();
            benchmark.Setup();
            InterleavedTimer.Measure("pseudo masks, the published method", 1, 1, ("one patch", benchmark.Published));
            InterleavedTimer.Measure(
                $"pseudo masks, batch {PseudoMaskBenchmark.Patches}", 9, PseudoMaskBenchmark.Patches, BFloat16Processor.Keep(
                ("one forward pass of the modules", benchmark.Forward),
                ("all classes", benchmark.AllClasses),
                (ChosenDevice.IsGpu ? "all classes, TensorFloat32" : string.Empty, benchmark.AllClassesInTensorFloat32),
                ("2 of 4 classes", benchmark.PresentClasses),
                (ChosenDevice.IsGpu ? "2 of 4 classes, TensorFloat32" : string.Empty, benchmark.PresentClassesInTensorFloat32),
                ("2 of 4 classes, bfloat16", benchmark.PresentClassesInSixteenBits)));
            benchmark.Cleanup();
        }

        bool IsNamed(string benchmark) => IsNamedOrNoneIs(_benchmarks, benchmark);

        bool IsNamedOrNoneIs(string[] all, string name)
        {
            var named = all.Intersect(names, StringComparer.OrdinalIgnoreCase).ToArray();
            return named.Length == 0 || named.Contains(name, StringComparer.OrdinalIgnoreCase);
        }
    }
}
