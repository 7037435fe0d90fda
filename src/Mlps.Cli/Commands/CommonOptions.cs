using System.CommandLine;
using Mlps.Torch;
using Mlps.Torch.Inference;

namespace Mlps.Cli.Commands;

/// <summary>Options that several commands have, and what they accept.</summary>
internal static class CommonOptions
{
    public static Option<DirectoryInfo> Data() => new("--data") { Description = "The dataset's folder: train, val and test below it.", Required = true };

    public static Option<FileInfo> Model() => new("--model") { Description = "The model file (zip).", Required = true };

    public static Option<DirectoryInfo> Output(string defaultFolder) => new("--output")
    {
        Description = "Where results are written.",
        DefaultValueFactory = _ => new DirectoryInfo(defaultFolder),
    };

    public static Option<int> Seed() => new("--seed") { Description = "Fixes everything that is drawn at random.", DefaultValueFactory = _ => 1 };

    public static Option<Precision?> InPrecision() => new("--precision") { Description = "full: 32 bits. tensorfloat32: the same on CPUs; on GPUs, eleven bits of each factor, and faster. bfloat16: about twice as fast on CPUs with AVX512-BF16 or AMX and on new GPUs, many times slower on other CPUs. Default: as the model was trained with." };

    public static Option<int?> Views() => new("--views") { Description = "Flips and turns of an image that its prediction is averaged over: 1, 2, 4 or 8. Default: as the model was trained with." };

    public static Option<BlendingKind?> Blending() => new("--blending") { Description = "How overlapping windows are put together. uniform: all their pixels count the same. hann: the middle of a window counts most, so that no straight seam shows. Default: as the model was trained with." };

    /// <summary>Refuses an option that means nothing without another.</summary>
    /// <param name="command">The command.</param>
    /// <param name="option">The option.</param>
    /// <param name="needed">One of these must be given with it.</param>
    public static void Need(Command command, Option option, params Option[] needed) => command.Validators.Add(result =>
    {
        if (IsGiven(option) && !needed.Any(IsGiven))
        {
            result.AddError($"{option.Name} means nothing without {string.Join(" or ", needed.Select(other => other.Name))}; give that too.");
        }

        bool IsGiven(Option one) => result.GetResult(one) is { Implicit: false };
    });

    /// <summary>A whole number from a lowest value on.</summary>
    public static Option<int?> Count(string name, string description, int lowest = 1)
    {
        var option = new Option<int?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } value && value < lowest)
            {
                result.AddError($"{name} is {value}; it must be at least {lowest}.");
            }
        });
        return option;
    }
}
