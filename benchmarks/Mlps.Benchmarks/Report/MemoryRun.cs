using Mlps.Benchmarks.Endurance;
using Mlps.Benchmarks.Setup;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Report;

/// <summary>How much memory do pseudo masks take at most? Published ResNet-38, all of 4 classes, 224 px: <c>memory [batch]</c>.</summary>
internal static class MemoryRun
{
    public static void Run(int batch)
    {
        using var classifier = new PatchClassifier(new ResNet38(Tissue.ClassCount), Normalization.None, (Tissue.Side, Tissue.Side), CPU);
        classifier.Fold();
        Console.WriteLine($"network: {ProcessMemory.PeakMiB} MiB");
        using var images = randint(0, 256, [batch, 3, Tissue.Side, Tissue.Side], dtype: ScalarType.Byte);
        for (var time = 0; time < 3; time++)
        {
            using var maps = classifier.ComputeActivationMaps(images, ActivationLayers.Default);
        }

        Console.WriteLine($"activation maps, batch {batch}: {ProcessMemory.PeakMiB} MiB at the most");
    }
}
