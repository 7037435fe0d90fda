using Microsoft.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>The one place that says so when a Microsoft.ML upgrade takes away what saving is built on.</summary>
public sealed class InternalMembersTests
{
    private const string TestedVersion = "5.0.1";

    [Fact]
    public void LoadedMicrosoftML_HasEveryInternalMemberThatMlpsUses()
    {
        var missing = InternalMembers.FindMissing();

        Assert.True(
            missing.Count == 0,
            $"Mlps.ML works with Microsoft.ML {TestedVersion}. The Microsoft.ML that is loaded lacks internal members that src/Mlps.ML/Interop is built on:\n  "
            + string.Join("\n  ", missing) + "\nKeep the version in Directory.Packages.props, or adapt Interop and build/InternalMembers.txt.");
    }

    [Fact]
    public void InternalMembersList_IsNotEmptyAndOfTheTestedVersion()
    {
        Assert.True(InternalMembers.All.Count > 15, $"Only {InternalMembers.All.Count} members are listed.");
        var version = InternalMembers.Version(typeof(MLContext).Assembly);
        Assert.True(
            version.StartsWith(TestedVersion + "+", StringComparison.Ordinal) || version == TestedVersion,
            $"Mlps.ML was tested with Microsoft.ML {TestedVersion} and is running with {version}. Run every test, then change {nameof(TestedVersion)} here.");
    }

    [Fact]
    public void MlpsML_RefersToTheOriginalAssembliesAndIsAllowedToTheirInternals()
    {
        var mlps = typeof(TissueTransformer).Assembly;

        string[] allowed = [.. mlps.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType.Name == "IgnoresAccessChecksToAttribute")
            .Select(attribute => (string)attribute.ConstructorArguments[0].Value!)];
        Assert.Equal(["Microsoft.ML.Core", "Microsoft.ML.Data"], allowed.Order());
        Assert.False(
            typeof(MLContext).Assembly.GetType("Microsoft.ML.Data.IDataTransform")!.IsPublic,
            "A publicized copy of Microsoft.ML.Data was copied to the output; only the compiler may see it.");
    }
}
