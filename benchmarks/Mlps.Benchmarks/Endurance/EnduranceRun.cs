using Mlps.Benchmarks.Setup;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Endurance;

/// <summary>Long runs, watched for memory: <c>endurance steps [N]</c> trains both stages for N steps each, <c>endurance large [N]</c> trains on N patches of 224 px.</summary>
internal static class EnduranceRun
{
    private const int ClassCount = 4;
    private const int Reports = 20;

    public static void Run(string[] arguments)
    {
        var count = arguments.Length > 1 ? Arguments.Count(arguments[1], "images") : 0;
        switch (arguments.FirstOrDefault())
        {
            case "steps":
                Train(patches: 40, size: 48, epochs: (count > 0 ? count : 2000) / 10, batchSize: 4, maskCount: 3);
                break;
            case "large":
                Train(patches: count > 0 ? count : 20_000, size: 224, epochs: 1, batchSize: 20, maskCount: 3);
                break;
            default:
                throw new UsageException("Usage: endurance steps [N] | endurance large [N]");
        }
    }

    private static void Train(int patches, int size, int epochs, int batchSize, int maskCount)
    {
        Console.WriteLine(ProcessMemory.Header);
        Console.WriteLine(ProcessMemory.Line("start"));
        using var store = RandomPatches.Fill(patches, size, ClassCount, maskCount);
        Console.WriteLine(ProcessMemory.Line($"{patches} patches of {size} px in the store, {(long)patches * store.Layout.PatchBytes >> 20} MiB"));

        using var classifier = new ResNet38(ClassCount, 1.0 / 64);
        new PatchClassifierTrainer(classifier, store, new() { Epochs = epochs, BatchSize = batchSize }, Normalization.None, CPU).Train(new Watcher(), CancellationToken.None);
        using var segmenter = new DeepLabV3Plus(ClassCount, new SegmenterArchitecture { Backbone = BackboneKind.Compact, Width = 1.0 / 16 });
        new SegmenterTrainer(segmenter, store, new() { Epochs = epochs, BatchSize = batchSize }, Normalization.None, CPU).Train(new Watcher(), CancellationToken.None);
        Console.WriteLine(ProcessMemory.Line("end"));
    }

    /// <summary>Prints memory a few times over a stage.</summary>
    private sealed class Watcher : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (!value.EpochEnded && (value.Step == 1 || value.Step % Math.Max(1, value.Steps / Reports) == 0))
            {
                Console.WriteLine(ProcessMemory.Line($"{value.Stage}, step {value.Step} of {value.Steps}"));
            }
        }
    }
}
