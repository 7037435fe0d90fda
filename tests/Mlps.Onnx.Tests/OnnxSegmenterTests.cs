using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch;
using Mlps.Torch.Inference;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>The scorer predicts images of any size as the library does.</summary>
public sealed class OnnxSegmenterTests : IDisposable
{
    private const OnnxOutputs All = OnnxOutputs.Mask | OnnxOutputs.Probability | OnnxOutputs.PixelProbability | OnnxOutputs.PixelUncertainty;

    /// <summary>A patch, images that take several windows, and some that are smaller than a window.</summary>
    private static readonly (int Height, int Width)[] _sizes = [(64, 64), (150, 101), (64, 131), (40, 50), (5, 90), (1, 1)];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Settings => [.. _settings.Keys];

    private static readonly Dictionary<string, SegmentationOptions> _settings = new()
    {
        ["windows"] = new(),
        ["eight views"] = new() { Views = 8, GateThreshold = 0.4 },
        ["windows that count the same"] = new() { Blending = BlendingKind.Uniform },
        ["windows that count the same, two views"] = new() { Blending = BlendingKind.Uniform, Views = 2 },
        ["spread of four views"] = new() { Views = 4, Uncertainty = UncertaintyKind.Spread, GateThreshold = 0.3 },
        ["one pass"] = new() { Prediction = PredictionMode.Whole, GateThreshold = 0.4 },
        ["one gate"] = new() { Gate = GateMode.Whole, GateThreshold = 0.5 },
        ["no gate, background"] = new() { Gate = GateMode.None, Background = new() { GreyThreshold = 180, MinimumRegion = 4 } },
        ["reference, two views"] = new() { Recipe = Recipe.Reference, Views = 2, GateThreshold = 0.5 },
        ["nothing passes"] = new() { GateThreshold = 0.9999 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Settings))]
    public void Predict_OfImagesOfAnySize_EqualsTheLibrary(string settings)
    {
        using var model = new SmallModel(segmentation: _settings[settings], thresholds: [0.3, 0.5, 0.7, 0.45], overlapGateWindows: settings != "one pass", classifierPatch: settings == "eight views" ? 48 : SmallModel.Patch);
        using var segmenter = OnnxSegmenter.Load(Export(model, new() { Input = settings == "windows" ? OnnxInput.Bytes : OnnxInput.Floats }));
        using var table = new ImageTable(model.Context, _sizes);
        var expected = ImageTable.Read(model.Context, model.Chain.Transform(table.View));

        var actual = table.Images.Select(image => segmenter.Predict(image, All)).ToArray();

        AssertEqual(expected, actual);
    }

    [Fact]
    public void Predict_OfPixels_IsThatOfTheImage()
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));
        using var table = new ImageTable(SmallModel.Shared.Context, (70, 90));

        var fromPixels = segmenter.Predict(table.Pixels[0], 70, 90, All);

        Assert.Equal(segmenter.Predict(table.Images[0]).Mask.ToArray(), fromPixels.Mask.ToArray());
        Assert.Equal((70, 90, 70 * 90), (fromPixels.Height, fromPixels.Width, fromPixels.PixelUncertainty.Length));
    }

    [Fact]
    public void Predict_ForOneOutput_LeavesTheOthersEmpty()
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));
        using var table = new ImageTable(SmallModel.Shared.Context, (64, 64));

        var result = segmenter.Predict(table.Images[0], OnnxOutputs.Probability);

        Assert.Equal((0, SmallModel.Classes.Count, 0, 0), (result.Mask.Length, result.Probability.Length, result.PixelProbability.Length, result.PixelUncertainty.Length));
        Assert.Throws<InvalidOperationException>(result.ToPng);
    }

    [Fact]
    public void Load_TellsOfTheModel()
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));

        Assert.Equal(SmallModel.Classes.Select(tissue => (tissue.Name, tissue.Color.Red, tissue.Color.Green, tissue.Color.Blue)), segmenter.Tissues.Select(tissue => (tissue.Name, tissue.Red, tissue.Green, tissue.Blue)));
        Assert.Equal(("background", 0.5, (64, 64), 1, 0.1), (segmenter.Background?.Name, segmenter.MicronsPerPixel, segmenter.PatchSize, segmenter.Views, segmenter.GateThreshold));
    }

    [Fact]
    public void Options_TakeThePlaceOfWhatTheFileSays()
    {
        var path = Export(SmallModel.Shared);
        using var table = new ImageTable(SmallModel.Shared.Context, (150, 101));
        using var segmenter = OnnxSegmenter.Load(path, new() { Views = 2, GateThreshold = 0.4 });
        using var changed = SmallModel.Shared.Segmenter.With(SmallModel.Shared.Segmenter.Segmentation with { Views = 2, GateThreshold = 0.4 });

        var expected = ImageTable.Read(SmallModel.Shared.Context, new TransformerChain<ITransformer>(SmallModel.Shared.Classifier, changed).Transform(table.View));

        AssertEqual(expected, [segmenter.Predict(table.Images[0], All)]);
        Assert.Equal((2, 0.4), (segmenter.Views, segmenter.GateThreshold));
    }

    /// <summary>A weight that is constant along a window's edge would leave a seam; blending changes pixels only where windows overlap.</summary>
    [Fact]
    public void Hann_ChangesOnlyImagesOfSeveralWindows()
    {
        var path = Export(SmallModel.Shared);
        using var table = new ImageTable(SmallModel.Shared.Context, (64, 64), (64, 128));
        // Every tissue passes the gate: after so short a training one might be left alone, the same whatever the blending.
        using var uniform = OnnxSegmenter.Load(path, new() { Blending = OnnxBlending.Uniform, GateThreshold = 0 });
        using var hann = OnnxSegmenter.Load(path, new() { Blending = OnnxBlending.Hann, GateThreshold = 0 });

        var (small, large) = (Distance(0), Distance(1));

        Assert.InRange(small, 0, 1e-5);
        Assert.InRange(large, 1e-4, 0.5);

        double Distance(int image) => Distance2(
            uniform.Predict(table.Images[image], OnnxOutputs.PixelProbability).PixelProbability.Span, hann.Predict(table.Images[image], OnnxOutputs.PixelProbability).PixelProbability.Span);

        static double Distance2(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
        {
            var sum = 0.0;
            for (var i = 0; i < first.Length; i++)
            {
                sum += Math.Abs(first[i] - second[i]);
            }

            return sum / first.Length;
        }
    }

    [Fact]
    public void ToPng_IsThePaletteImageOfTheMask()
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));
        using var table = new ImageTable(SmallModel.Shared.Context, (40, 66));
        var result = segmenter.Predict(table.Images[0]);

        Assert.Equal(PalettePng.ToBytes(result.Mask.Span, 66, 40, SmallModel.Classes.Palette), result.ToPng());
    }

    [Fact]
    public void Predict_FromManyThreads_GivesTheSame()
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));
        using var table = new ImageTable(SmallModel.Shared.Context, (64, 64), (96, 70));
        var expected = table.Images.Select(image => segmenter.Predict(image).Mask.ToArray()).ToArray();

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Assert.Equal(expected[i % 2], segmenter.Predict(table.Images[i % 2]).Mask.ToArray()));
    }

    [Fact]
    public void Predict_AfterDispose_Throws()
    {
        var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));
        segmenter.Dispose();
        segmenter.Dispose();

        Assert.Throws<ObjectDisposedException>(() => segmenter.Predict(new byte[3], 1, 1));
    }

    [Fact]
    public void OfOneTissue_EqualsTheLibrary()
    {
        using var model = new SmallModel(classes: new TissueClasses([new("tissue", new(1, 2, 3))]));
        using var segmenter = OnnxSegmenter.Load(Export(model));
        using var table = new ImageTable(model.Context, (64, 64), (100, 70));

        var actual = table.Images.Select(image => segmenter.Predict(image, All)).ToArray();

        AssertEqual(ImageTable.Read(model.Context, model.Chain.Transform(table.View)), actual);
        Assert.All(actual, result => Assert.DoesNotContain(result.PixelUncertainty.ToArray(), value => value != 0));
    }

    [Theory]
    [InlineData(2, 2, 11)]
    [InlineData(0, 2, 0)]
    [InlineData(2, -1, 0)]
    [InlineData(40_000, 40_000, 3)]
    public void Predict_OfPixelsThatAreNoImage_IsRefused(int height, int width, int bytes)
    {
        using var segmenter = OnnxSegmenter.Load(Export(SmallModel.Shared));

        Assert.ThrowsAny<ArgumentException>(() => segmenter.Predict(new byte[bytes], height, width));
    }

    [Fact]
    public void Transformer_SavedAndLoaded_PredictsTheSame()
    {
        var model = SmallModel.Shared;
        var path = Export(model);
        using var table = new ImageTable(model.Context, _sizes);
        var expected = ImageTable.Read(model.Context, model.Chain.Transform(table.View));
        var ml = new MLContext();
        using (var fitted = ml.OnnxSegmenter(path).Fit(table.View))
        {
            AssertEqual(expected, ImageTable.Read(ml, fitted.Transform(table.View)));
            ml.Model.Save(fitted, table.View.Schema, _folder.Combine("saved.zip"));
        }

        File.Delete(path);
        var loaded = new MLContext().Model.Load(_folder.Combine("saved.zip"), out _);
        using var owner = (IDisposable)loaded;
        AssertEqual(expected, ImageTable.Read(ml, loaded.Transform(table.View)));
        using var engine = ml.Model.CreatePredictionEngine<ImageTable.Row, ImageTable.Prediction>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
        AssertEqual([expected[1]], [engine.Predict(new ImageTable.Row { Image = table.Images[1] })]);
    }

    [Fact]
    public void Transformer_OfOtherOptionsAndNames_KeepsThem()
    {
        var ml = new MLContext();
        using var table = new ImageTable(ml, (64, 90));
        var renamed = ml.Transforms.CopyColumns("Picture", "Image").Fit(table.View).Transform(table.View);
        using (var fitted = ml.OnnxSegmenter(Export(SmallModel.Shared), "Tissue", "Picture", new() { Views = 4, GateThreshold = 0.5, Blending = OnnxBlending.Hann, Threads = 1 }).Fit(renamed))
        {
            ml.Model.Save(fitted, renamed.Schema, _folder.Combine("saved.zip"));
        }

        using var loaded = (OnnxSegmenterTransformer)ml.Model.Load(_folder.Combine("saved.zip"), out _);

        Assert.Equal((4, 0.5), (loaded.Segmenter.Views, loaded.Segmenter.GateThreshold));
        var mask = loaded.Transform(renamed).GetColumn<byte[]>("Tissue").Single();
        using var same = OnnxSegmenter.Load(Export(SmallModel.Shared), new() { Views = 4, GateThreshold = 0.5, Blending = OnnxBlending.Hann });
        Assert.Equal(same.Predict(table.Images[0]).Mask.ToArray(), mask);
    }

    [Fact]
    public void Transformer_NamesTheTissuesAndTheSizes()
    {
        var ml = new MLContext();
        using var table = new ImageTable(ml, (64, 64));
        var estimator = ml.OnnxSegmenter(Export(SmallModel.Shared));
        using var fitted = estimator.Fit(table.View);

        var schema = fitted.GetOutputSchema(table.View.Schema);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema[OnnxSegmenterTransformer.ProbabilityColumnName].GetSlotNames(ref names);

        Assert.Equal(SmallModel.Classes.Names, names.DenseValues().Select(name => name.ToString()));
        Assert.Equal(3, ((VectorDataViewType)schema[OnnxSegmenterTransformer.PixelProbabilityColumnName].Type).Dimensions.Length);
        var wrong = Assert.Throws<ArgumentOutOfRangeException>(() => fitted.Transform(ml.Data.LoadFromEnumerable([new { Image = 1f }])));
        Assert.Contains("Schema mismatch for input column 'Image'", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(ml.Data.LoadFromEnumerable([new { Other = 1f }])));
    }

    private string Export(SmallModel model, OnnxExportOptions? options = null)
    {
        var path = _folder.Combine("model.onnx");
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, path, options);
        return path;
    }

    private static void AssertEqual(ImageTable.Prediction[] expected, IReadOnlyList<OnnxPrediction> actual) => AssertEqual(
        expected,
        [.. actual.Select(result => new ImageTable.Prediction { PredictedMask = result.Mask.ToArray(), Probability = result.Probability.ToArray(), PixelProbability = result.PixelProbability.ToArray(), PixelUncertainty = result.PixelUncertainty.ToArray() })]);

    private static void AssertEqual(ImageTable.Prediction[] expected, ImageTable.Prediction[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (different, pixels) = (0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            AssertClose(expected[i].Probability, actual[i].Probability);
            AssertClose(expected[i].PixelProbability, actual[i].PixelProbability);
            AssertClose(expected[i].PixelUncertainty, actual[i].PixelUncertainty, 2e-3);
            Assert.Equal(expected[i].PredictedMask.Length, actual[i].PredictedMask.Length);
            different += expected[i].PredictedMask.Zip(actual[i].PredictedMask).Count(pair => pair.First != pair.Second);
            pixels += expected[i].PredictedMask.Length;
        }

        // Two tissues may tie at a pixel.
        Assert.True(different <= Math.Max(1, 1e-4 * pixels), FormattableString.Invariant($"{different} of {pixels} pixels differ."));
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (distance, norm) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            distance += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        Assert.True(Math.Sqrt(distance) <= tolerance * Math.Max(Math.Sqrt(norm), 1e-3), FormattableString.Invariant($"Values differ by {Math.Sqrt(distance / Math.Max(norm, 1e-6)):g3}."));
    }
}
