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

/// <summary>What does a training step cost beside its computation? Time, managed memory and native tensors a step: <c>steps [steps] [small|published] [full|tensorfloat32|bfloat16] [batch] [side]</c>.</summary>
/// <remarks>By default patches are small, so that the host's work shows. Bytes and tensors are those of the training thread; the thread that reads ahead is not counted.</remarks>
internal static class StepCounter
{
    private const int DefaultBatch = 2;
    private const int DefaultSide = 64;

    public static void Run(string[] arguments)
    {
        var steps = arguments.Length > 0 ? Arguments.Count(arguments[0], "steps") : 20;
        var sizes = arguments.Length > 1 ? [Arguments.Choice<NetworkSize>(arguments[1])] : Enum.GetValues<NetworkSize>();
        var precision = arguments.Length > 2 ? Arguments.Choice<Precision>(arguments[2]) : Precision.Full;
        var batch = arguments.Length > 3 ? Arguments.Count(arguments[3], "patches in a batch") : DefaultBatch;
        var side = arguments.Length > 4 ? Arguments.Count(arguments[4], "pixels") : DefaultSide;
        var device = ChosenDevice.Device;
        using var patches = RandomPatches.Fill(Math.Max(40, batch), side, Tissue.ClassCount, maskCount: 3);
        Console.WriteLine($"medians of {steps} steps, batch {batch}, {side} px, {precision}, {(ChosenDevice.IsGpu ? $"{device}" : $"{get_num_threads()} threads")}");
        Console.WriteLine($"{"",-22}{"ms",10}{"patches/s",12}{"KB",10}{"tensors",10}");
        foreach (var size in sizes)
        {
            manual_seed(1);
            using (var classifier = new ResNet38(Tissue.ClassCount, size.ClassifierWidth()).to(device))
            {
                var options = NoiseTraining.Classifier(PatchClassifierTrainingOptions.FineTuning, precision);
                Count($"{size}, stage 1", new PatchClassifierTrainer(classifier, patches, options, Normalization.None, device), patches, options.Augmentation, steps, batch);
            }

            using (var segmenter = new DeepLabV3Plus(Tissue.ClassCount, size.Architecture()).to(device))
            {
                var options = NoiseTraining.Segmenter(new(), precision);
                Count($"{size}, stage 2", new SegmenterTrainer(segmenter, patches, options, Normalization.None, device), patches, options.Augmentation, steps, batch);
            }
        }
    }

    private static void Count(string name, ITrainedStage stage, PatchStore patches, AugmentationOptions augmentation, int steps, int batch)
    {
        using var trainer = new TrainerSteps(stage, patches, augmentation, batch, ChosenDevice.Device);
        trainer.Step();
        trainer.Step();
        var (times, bytes, tensors) = (new double[steps], new double[steps], new double[steps]);
        for (var step = 0; step < steps; step++)
        {
            var (bytesBefore, tensorsBefore) = (GC.GetAllocatedBytesForCurrentThread(), Tensors());
            var clock = Stopwatch.StartNew();
            trainer.Step();
            times[step] = clock.Elapsed.TotalMilliseconds;
            (bytes[step], tensors[step]) = ((GC.GetAllocatedBytesForCurrentThread() - bytesBefore) / 1000.0, Tensors() - tensorsBefore);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-22}{Median(times),10:f2}{1000 * batch / Median(times),12:f1}{Median(bytes),10:f1}{Median(tensors),10:f0}"));
    }

    private static long Tensors() =>
        DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount + DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
