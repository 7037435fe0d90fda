namespace Mlps.Benchmarks.Setup;

/// <summary>Whether this processor has instructions for bfloat16. Without them a step takes many times as long and says nothing about the library.</summary>
internal static class BFloat16Processor
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>True where the instructions are, and where the system does not tell.</summary>
    public static bool HasInstructions { get; } =
        !File.Exists(ProcessorFile) || File.ReadLines(ProcessorFile).Any(line => line.Contains("bf16", StringComparison.Ordinal));

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
