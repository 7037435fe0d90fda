using System.Diagnostics;
using System.Globalization;
using Mlps.Benchmarks.Setup;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Benchmarks;

/// <summary>Which share of a training step does the network wait for data? The training loop's own parts, timed: <c>wait [steps]</c>.</summary>
internal static class DataWaitBenchmark
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
            var first = NoiseTraining.Classifier(PatchClassifierTrainingOptions.Reference, Precision.TensorFloat32);
            Measure($"{size}, stage 1", new PatchClassifierTrainer(classifier, patches, first, Normalization.None, device), patches, first.Augmentation, device, steps);

            using var segmenter = new DeepLabV3Plus(Tissue.ClassCount, size.Architecture());
            segmenter.to(device);
            var second = NoiseTraining.Segmenter(new(), Precision.TensorFloat32);
            Measure($"{size}, stage 2", new SegmenterTrainer(segmenter, patches, second, Normalization.None, device), patches, second.Augmentation, device, steps);
        }
    }

    private static void Measure(string name, ITrainedStage stage, PatchStore patches, AugmentationOptions augmentation, Device device, int steps)
    {
        using var trainer = new TrainerSteps(stage, patches, augmentation, Batch, device);
        trainer.Step();
        trainer.Waiting.Reset();
        var all = Stopwatch.StartNew();
        for (var step = 0; step < steps; step++)
        {
            trainer.Step();
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-20} {all.Elapsed.TotalSeconds / steps / Batch,7:f4} s a patch, of which waiting for data {100 * trainer.Waiting.Elapsed / all.Elapsed,5:f2} %"));
    }
}
