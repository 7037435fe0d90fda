using System.Diagnostics;
using System.Text.RegularExpressions;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>The Python snippet of docs/onnx.md writes the library's mask.</summary>
public sealed partial class PythonSnippetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PythonRuntimeFact]
    public void Snippet_OfThePage_WritesTheSameMask()
    {
        var model = SmallModel.Shared;
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, _folder.Combine("tissue.onnx"));
        using var table = new ImageTable(model.Context, (SmallModel.Patch, SmallModel.Patch));
        table.Images[0].Save(_folder.Combine("image.png"));

        var (code, output) = ProcessRun.ToEnd(new ProcessStartInfo(PythonRuntimeFactAttribute.Python!, ["-c", Snippet()]) { WorkingDirectory = _folder.Path }, TimeSpan.FromMinutes(2));

        Assert.True(code == 0, output);
        using var segmenter = OnnxSegmenter.Load(_folder.Combine("tissue.onnx"));
        Assert.Equal(segmenter.Predict(table.Images[0]).Mask.ToArray(), PalettePng.Read(_folder.Combine("mask.png")).Indices.ToArray());
    }

    /// <summary>The page has one, also where nothing can run it.</summary>
    [Fact]
    public void Snippet_IsOnThePage() => Assert.Contains("onnxruntime.InferenceSession", Snippet(), StringComparison.Ordinal);

    private static string Snippet() => Block().Match(File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "onnx.md"))).Groups["code"].Value;

    [GeneratedRegex("```python\r?\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    private sealed class PythonRuntimeFactAttribute : FactAttribute
    {
        public PythonRuntimeFactAttribute() => Skip = Python is null ? "No python3 has onnxruntime, numpy and Pillow: pip install onnxruntime numpy pillow." : null;

        /// <summary>The interpreter that has them, or null.</summary>
        public static string? Python { get; } = PythonInterpreter.With("numpy, onnxruntime, PIL");
    }
}
