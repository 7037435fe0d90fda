using Xunit;

namespace Mlps.Docs.Tests.Layout;

/// <summary>A folder of a library refers only to those below it. docs/design.md shows the floors.</summary>
public sealed class FloorsTests
{
    /// <summary>Mlps.Torch from the ground up; the library's own folder, with what all rooms share, is the ground.</summary>
    private static readonly string[] _torch =
        [string.Empty, "Runtime", "Ranks", "Serialization", "Convolutions", "Data", "Networks", "Weights", "Evaluation", "PseudoMasks", "Inference", "Validation", "Training"];

    /// <summary>Mlps.ML from the ground up; the library's own folder, with the methods that applications begin with, is the roof.</summary>
    private static readonly string[] _ml =
    [
        "Interop", "Notebooks", "Data", "Stages", "Stains", "Pictures", "Training", "PatchClassifier", "PseudoMasks", "GatedSegmenter", "MultiLayerPseudoSupervision", "Evaluation", string.Empty,
    ];

    /// <summary>Mlps.Slides from the ground up.</summary>
    private static readonly string[] _slides = ["Reading", "Tissue", "Tiles", "Patches", "Writing", "Viewer", "Segmenting", "Cohorts"];

    /// <summary>Mlps.Onnx from the ground up; the library's own folder, with options and results, is the ground.</summary>
    private static readonly string[] _onnx = [string.Empty, "Model", "Scoring", "Segmenting", "Tables"];

    /// <summary>Mlps.Onnx.Export from the ground up; the library's own folder, with what applications call, is the roof.</summary>
    private static readonly string[] _onnxExport = ["Graphs", "Networks", "Quantization", string.Empty];

    /// <summary>Mlps.Label from the ground up.</summary>
    private static readonly string[] _label = ["Patches", "Labels", "Masks", "Import", "Export", "Server", "Scoring"];

    [Fact]
    public void FoldersOfMlpsLabel_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.Label", _label, knownFrom: "Export", knownTo: "Labels");

    [Fact]
    public void FoldersOfMlpsOnnx_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.Onnx", _onnx, knownFrom: "Scoring", knownTo: "Model");

    [Fact]
    public void FoldersOfMlpsOnnxExport_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.Onnx.Export", _onnxExport, knownFrom: "Networks", knownTo: "Graphs");

    [Fact]
    public void FoldersOfMlpsSlides_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.Slides", _slides, knownFrom: "Tiles", knownTo: "Reading");

    [Fact]
    public void FoldersOfMlpsTorch_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.Torch", _torch, knownFrom: "Training", knownTo: "Networks");

    [Fact]
    public void FoldersOfMlpsML_ReferOnlyToThoseBelow() => AssertFloors("src/Mlps.ML", _ml, knownFrom: "GatedSegmenter", knownTo: "Stages");

    /// <param name="library">Folder of the library's project, from the repository's root.</param>
    /// <param name="floors">Its folders, from the ground up.</param>
    /// <param name="knownFrom">A folder that refers to another: where that is not found, nothing was read.</param>
    /// <param name="knownTo">The other.</param>
    private static void AssertFloors(string library, string[] floors, string knownFrom, string knownTo)
    {
        var references = FolderReferences.Find(library);

        Assert.Contains(references, reference => reference.From == knownFrom && reference.To == knownTo);
        Assert.All(references.SelectMany(reference => new[] { reference.From, reference.To }).Distinct(), folder => Assert.Contains(folder, floors));
        Assert.DoesNotContain(references, reference => Array.IndexOf(floors, reference.From) < Array.IndexOf(floors, reference.To));
    }
}
