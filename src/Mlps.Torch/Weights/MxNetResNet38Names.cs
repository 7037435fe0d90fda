using System.Text.RegularExpressions;

namespace Mlps.Torch.Weights;

/// <summary>Translates the names of the published ImageNet weights of ResNet-38 (MXNet) into this library's.</summary>
/// <remarks>
/// MXNet names a layer after its unit (<c>2a</c>, <c>2b1</c>, …, <c>7a</c>) and branch, PyTorch after its block (<c>b2</c>, <c>b2_1</c>, …,
/// <c>b7</c>): <c>res4b5_branch2b1_weight</c> is <c>b4_5.conv_branch2b1.weight</c>, <c>bn5a_branch2a_moving_var</c> is
/// <c>b5.bn_branch2a.running_var</c>. The ImageNet classifier <c>linear1000</c> is passed over. Source: the parameters of
/// model A1 of Wu et al., "Wider or Deeper" (2016), as published for MXNet.
/// </remarks>
public static partial class MxNetResNet38Names
{
    /// <summary>Gives the module's name of an MXNet parameter; use it as <see cref="WeightLoadOptions.MapName"/>.</summary>
    /// <param name="name">For instance <c>arg:res2a_branch1_weight</c>; the <c>arg:</c> or <c>aux:</c> may be absent.</param>
    /// <returns>
    /// The module's name; null for <c>linear1000</c>, which has no place in the module; the name unchanged where it is none of ResNet-38's,
    /// so that it is reported as unexpected.
    /// </returns>
    public static string? Map(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bare = name.StartsWith("arg:", StringComparison.Ordinal) || name.StartsWith("aux:", StringComparison.Ordinal) ? name[4..] : name;
        if (bare.StartsWith("linear1000_", StringComparison.Ordinal))
        {
            return null;
        }

        if (bare == "conv1a_weight")
        {
            return "conv1a.weight";
        }

        var last = LastNormalisation().Match(bare);
        if (last.Success)
        {
            return $"bn7.{NormalisationField(last.Groups["field"].Value)}";
        }

        var layer = Layer().Match(bare);
        if (!layer.Success)
        {
            return name;
        }

        var repeat = layer.Groups["repeat"].Value;
        var block = repeat.Length == 0 ? $"b{layer.Groups["stage"].Value}" : $"b{layer.Groups["stage"].Value}_{repeat}";
        var branch = layer.Groups["branch"].Value;
        var field = layer.Groups["field"].Value;
        return layer.Groups["kind"].Value == "res"
            ? field == "weight" ? $"{block}.conv_{branch}.weight" : name
            : field == "weight" ? name : $"{block}.bn_{branch}.{NormalisationField(field)}";
    }

    private static string NormalisationField(string field) => field switch
    {
        "gamma" => "weight",
        "beta" => "bias",
        "moving_mean" => "running_mean",
        "moving_var" => "running_var",
        _ => field,
    };

    [GeneratedRegex("^(?<kind>res|bn)(?<stage>[2-7])(a|b(?<repeat>[1-5]))_(?<branch>branch(1|2a|2b1|2b2))_(?<field>weight|gamma|beta|moving_mean|moving_var)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Layer();

    [GeneratedRegex("^bn7_(?<field>gamma|beta|moving_mean|moving_var)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LastNormalisation();
}
