using System.Diagnostics;
using System.Globalization;
using Mlps.Benchmarks.Setup;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Questions;

/// <summary>Which share of a training step does the network wait for data? The training loop's own parts, timed: <c>wait [steps]</c>.</summary>
internal static class DataWaitQuestion
{
    private const int Batch = 4;

    public static void Run(int steps)
    {
        using var patches = RandomPatches.Fill(40, Tissue.Side, Tissue.ClassCount, maskCount: 3);
        foreach (var size in Enum.GetValues<NetworkSize>())
        {
            var device = cuda_is_available() ? CUDA : CPU;
            using var classifier = new ResNet38(Tissue.ClassCount, size.ClassifierWidth());
            classifier.to(device);
            var first = PatchClassifierTrainingOptions.FineTuning;
            Measure($"{size}, stage 1", new PatchClassifierTrainer(classifier, patches, first, Normalization.None, device), patches, first.Augmentation, device, steps);

            using var segmenter = new DeepLabV3Plus(Tissue.ClassCount, size.Architecture());
            segmenter.to(device);
            var second = new SegmenterTrainingOptions();
            Measure($"{size}, stage 2", new SegmenterTrainer(segmenter, patches, second, Normalization.None, device), patches, second.Augmentation, device, steps);
        }
    }

    private static void Measure(string name, ITrainedStage stage, PatchStore patches, AugmentationOptions augmentation, Device device, int steps)
    {
        using var optimizer = stage.PrepareOptimizer(steps);
        stage.StartEpoch(0);
        var reader = new BatchReader(patches, augmentation, seed: 1, device);
        var plan = new EpochPlan(patches.Count, Batch, KeepShortBatch: false, Seed: 1);
        using var feed = new BatchFeed(reader, Enumerable.Range(0, steps).SelectMany(plan.Batches).Take(steps + 1), epoch: 0);
        var (waiting, all) = (new Stopwatch(), new Stopwatch());
        for (var step = 0; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            if (step == 1)
            {
                // The first step warms up.
                waiting.Reset();
                all.Restart();
            }

            waiting.Start();
            using var batch = feed.Next()!;
            waiting.Stop();
            var (loss, _) = stage.Loss(batch);
            optimizer.Step(loss, step);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-20} {all.Elapsed.TotalSeconds / steps / Batch,7:f4} s a patch, waiting and augmenting {100 * waiting.Elapsed / all.Elapsed,5:f2} %"));
    }
}
