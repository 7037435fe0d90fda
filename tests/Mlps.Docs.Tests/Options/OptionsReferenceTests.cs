using Mlps.ML;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Docs.Tests.Options;

/// <summary>docs/options.md is what the code says.</summary>
public sealed class OptionsReferenceTests
{
    private const string UpdateVariable = "MLPS_UPDATE_DOCS";
    private const string Page = "docs/options.md";

    [Fact]
    public void Page_IsWhatTheCodeSays()
    {
        var path = Repository.PathOf(Page);
        var current = OptionsReference.Write();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, current);
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == current,
            $"{Page} is not what the code says. Make it anew: {UpdateVariable}=1 dotnet test tests/Mlps.Docs.Tests -c Release --filter FullyQualifiedName~OptionsReferenceTests");
    }

    [Fact]
    public void Page_EveryPublicOptionsRecord_IsOnIt()
    {
        var records = new[] { typeof(PatchClassifierOptions), typeof(OptimizerOptions) }
            .SelectMany(type => type.Assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsAbstract);

        Assert.Subset(OptionsReference.Types().ToHashSet(), records.ToHashSet());
    }

    [Fact]
    public void Page_NestedDefaults_ShowWhatDiffersFromTheTypesOwn()
    {
        var page = OptionsReference.Write();

        Assert.Contains("| `Optimizer` | [`OptimizerOptions`](#optimizeroptions) | `new() { HeadFactor = 10 }` |", page, StringComparison.Ordinal);
        Assert.Contains("| `Width` | `double` | `1` | Factor on every channel count of ResNet-38", page, StringComparison.Ordinal);
        Assert.Contains("| `MaskWeights` | `IReadOnlyList<double>` | `[0.2, 0.2, 0.6]` |", page, StringComparison.Ordinal);
        Assert.Contains("| `InitialWeights` | `string?` | `null` |", page, StringComparison.Ordinal);
    }
}
