using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.LoadProbe;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Single predictions, through the same computations with batches of one.</summary>
public sealed class PredictionEngineTests
{
    private readonly MLContext _ml = new();

    [Fact]
    public void Predict_ThroughAChain_GivesWhatTransformGives()
    {
        using var first = CreateStage();
        using var second = new BrightnessTransformer(_ml);
        var chain = new TransformerChain<ITransformer>(first, second);
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Prediction>(chain);
        var expected = chain.Transform(new CountingTable(rows: 3)).ReadVectors(BrightnessTransformer.Column);
        var before = first.Computed.Count;

        for (var row = 0; row < 3; row++)
        {
            using var image = TestImages.Create(row, 6, 4);
            var prediction = engine.Predict(new Patch { Name = $"patch {row}", Image = image });
            TableReading.AssertClose(expected[row], prediction.Brightness!);
            TableReading.AssertClose(TableReading.ExpectedMean(image), prediction.MeanColor!);
            Assert.False(CountingTable.IsDisposed(image), "The user's image was disposed.");
        }

        Assert.Equal(3, first.Computed.Count - before);
    }

    [Fact]
    public void Predict_ImagesOfAnySize_Works()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Areas>(CreateStage());
        using var small = TestImages.Create(1, 3, 2);
        using var large = TestImages.Create(1, 30, 20);

        Assert.Equal(6, engine.Predict(new Patch { Image = small }).Area);
        Assert.Equal(600, engine.Predict(new Patch { Image = large }).Area);
    }

    [Fact]
    public void Predict_ComputesOnlyWhatThePredictionClassHas()
    {
        using var stage = CreateStage();
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Areas>(stage);
        using var image = TestImages.Create(1, 6, 4);

        engine.Predict(new Patch { Image = image });

        Assert.Equal([(1, "Area")], stage.Computed);
    }

    [Fact]
    public void Predict_FromALoadedModel_Works()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(new TransformerChain<ITransformer>(CreateStage(), new BrightnessTransformer(_ml)), null, stream);
        stream.Position = 0;
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Prediction>(_ml.Model.Load(stream, out _));
        using var image = TestImages.Create(2, 6, 4);

        TableReading.AssertClose(TableReading.ExpectedMean(image), engine.Predict(new Patch { Image = image }).MeanColor!);
    }

    [Fact]
    public void Predict_AfterAResize_GivesTheResizedImage()
    {
        var empty = _ml.Data.LoadFromEnumerable(Array.Empty<Patch>());
        var chain = new TransformerChain<ITransformer>(
            _ml.Transforms.ResizeImages("Image", 5, 3, "Image").Fit(empty), CreateStage());
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Areas>(chain);
        using var image = TestImages.Create(2, 20, 20);

        Assert.Equal(15, engine.Predict(new Patch { Image = image }).Area);
        Assert.Equal(15, engine.Predict(new Patch { Image = image }).Area);
    }

    [Fact]
    public void Predict_NoImage_NamesTheRow()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Patch, Areas>(CreateStage());

        var exception = Assert.ThrowsAny<InvalidOperationException>(() => engine.Predict(new Patch { Name = "blank" }));

        Assert.Contains("'blank' (row 0): there is no image in column 'Image'", exception.Message, StringComparison.Ordinal);
    }

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions(), [1f, 0.5f, 2f]);

    private sealed class Patch
    {
        public string Name { get; set; } = "";

        [ImageType(1, 1)]
        public MLImage? Image { get; set; }
    }

    private sealed class Prediction
    {
        public float[]? MeanColor { get; set; }

        public float[]? Brightness { get; set; }
    }

    private sealed class Areas
    {
        public int Area { get; set; }
    }
}
