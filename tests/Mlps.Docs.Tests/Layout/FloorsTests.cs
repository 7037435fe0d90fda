using Xunit;

namespace Mlps.Docs.Tests.Layout;

/// <summary>A folder of a library refers only to those below it. docs/design.md shows the floors.</summary>
public sealed class FloorsTests
{
    /// <summary>Mlps.Torch from the ground up; the library's own folder, with what all rooms share, is the ground.</summary>
    private static readonly string[] _torch =
        [string.Empty, "Runtime", "Serialization", "Convolutions", "Data", "Networks", "Weights", "Evaluation", "PseudoMasks", "Inference", "Validation", "Training"];

    [Fact]
    public void FoldersOfMlpsTorch_ReferOnlyToThoseBelow()
    {
        var references = FolderReferences.Find("src/Mlps.Torch");

        Assert.Contains(references, reference => reference is { From: "Training", To: "Networks" });
        Assert.All(references.SelectMany(reference => new[] { reference.From, reference.To }).Distinct(), folder => Assert.Contains(folder, _torch));
        Assert.DoesNotContain(references, reference => Array.IndexOf(_torch, reference.From) < Array.IndexOf(_torch, reference.To));
    }
}
