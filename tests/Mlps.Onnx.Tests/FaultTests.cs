using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>What cannot be exported is refused in one clear line, and leaves no file.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallModel _model = SmallModel.Shared;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Export_WithoutAClassifier_NamesIt() => Assert.StartsWith("The model has no patch classifier;", Assert.Throws<ArgumentException>(() => Export(_model.Segmenter)).Message, StringComparison.Ordinal);

    [Fact]
    public void Export_WithoutASegmenter_NamesIt() =>
        Assert.StartsWith("The model has no segmenter;", Assert.Throws<ArgumentException>(() => Export(new TransformerChain<ITransformer>(_model.Classifier))).Message, StringComparison.Ordinal);

    [Fact]
    public void Export_StagesOfOtherTissues_NamesBoth()
    {
        using var other = new SmallModel(classes: TissueClasses.BcssWsss);

        var error = Assert.Throws<ArgumentException>(() => Export(new TransformerChain<ITransformer>(other.Classifier, _model.Segmenter)));

        Assert.Contains("are not the segmenter's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_OfAModelThatNormalizesStains_SaysWhatToDo()
    {
        using var picture = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Rgba32, [.. Enumerable.Range(0, 8 * 8).SelectMany(pixel => (byte[])[(byte)(120 + pixel), (byte)(40 + pixel), 140, 255])]);
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        var table = _model.Context.Data.LoadFromEnumerable([new Row { Image = picture }]);
        using var stains = _model.Context.TissueSegmentation.NormalizeStains(new() { Method = StainMethod.Reinhard }).Fit(table);

        var error = Assert.Throws<ArgumentException>(() => Export(new TransformerChain<ITransformer>(stains, _model.Classifier, _model.Segmenter)));

        Assert.StartsWith("The model normalizes stains, which a graph cannot; export the stages after it", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Memory that was freed would be read otherwise.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Export_DisposedStage_TellsSo(bool classifier)
    {
        using var model = new SmallModel(steps: 0);
        ((IDisposable)(classifier ? model.Classifier : model.Segmenter)).Dispose();

        Assert.Throws<ObjectDisposedException>(() => Export(model.Chain));
    }

    [Theory]
    [InlineData("missing/model.onnx")]
    [InlineData("file/model.onnx")]
    [InlineData("folder")]
    public void Export_ToAPathThatCannotBeWritten_NamesItAndNoOther(string target)
    {
        Directory.CreateDirectory(_folder.Combine("folder"));
        File.WriteAllText(_folder.Combine("file"), "");
        var path = _folder.Combine(target);

        var error = Assert.Throws<IOException>(() => _model.Context.TissueSegmentation.ExportOnnx(_model.Chain, path));

        Assert.StartsWith($"The ONNX model cannot be written to '{path}': ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(["file", "folder"], Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Select(found => Path.GetFileName(found)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(0, null, false)]
    [InlineData(null, -1, false)]
    [InlineData(64, null, true)]
    public void Export_SizesThatCannotBe_AreRefused(int? height, int? width, bool dynamic)
    {
        Assert.ThrowsAny<ArgumentException>(() => Export(_model.Chain, new() { Height = height, Width = width, Dynamic = dynamic }));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Export_OverAFile_ReplacesItAndLeavesNoOther()
    {
        File.WriteAllText(_folder.Combine("model.onnx"), "before");

        Export(_model.Chain);

        Assert.Equal([_folder.Combine("model.onnx")], Directory.GetFiles(_folder.Path));
        Assert.True(new FileInfo(_folder.Combine("model.onnx")).Length > 100_000);
    }

    private sealed class Row
    {
        public MLImage? Image { get; set; }
    }

    private void Export(ITransformer model, OnnxExportOptions? options = null) => _model.Context.TissueSegmentation.ExportOnnx(model, _folder.Combine("model.onnx"), options);
}
