using Mlps.Torch.Runtime;

namespace Mlps.Benchmarks.Setup;

/// <summary>Leaves out measurements in bfloat16 on processors without its instructions: there a step takes many times as long and says nothing about the library.</summary>
internal static class BFloat16Processor
{
    /// <summary>True on a GPU, where the instructions are, and where the processor does not tell.</summary>
    public static bool HasInstructions => ChosenDevice.IsGpu || BFloat16Instructions.AreThere;

    /// <summary>The variants that are worth running here; the others are named on the console.</summary>
    public static (string Name, Action Run)[] Keep(params (string Name, Action Run)[] variants)
    {
        if (HasInstructions)
        {
            return variants;
        }

        var left = variants.Where(variant => variant.Name.Contains("bfloat16", StringComparison.Ordinal)).ToArray();
        foreach (var (name, _) in left)
        {
            Console.WriteLine($"left out: {name} (this processor has no instructions for it)");
        }

        return [.. variants.Except(left)];
    }
}
