using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Testing;
using Mlps.Torch.Inference;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>The column PixelUncertainty: of a trained chain, of one loaded from an earlier release's file, and of a prediction engine.</summary>
[Collection(ChainTests.Name)]
public sealed class UncertaintyTests(TrainedChain chain)
{
    private const int Width = 44;
    private const int Height = 36;

    private static TinyTable Images => TinyTable.Images(3, Width, Height);

    [Theory]
    [InlineData(GateMode.Windows)]
    [InlineData(GateMode.None)]
    public void PixelUncertainty_ByEntropy_IsThatOfThePixelProbabilities(GateMode gate)
    {
        var predicted = Predict(new SegmentationOptions { Gate = gate, GateThreshold = 0.3 });

        var uncertainty = predicted.Vectors<float>("PixelUncertainty");
        var probabilities = predicted.Vectors<float>("PixelProbability");

        for (var row = 0; row < uncertainty.Length; row++)
        {
            Assert.Equal(Width * Height, uncertainty[row].Length);
            for (var pixel = 0; pixel < Width * Height; pixel++)
            {
                Assert.Equal(Entropy(probabilities[row][pixel], probabilities[row][(Width * Height) + pixel]), uncertainty[row][pixel], 1e-5);
            }
        }
    }

    [Fact]
    public void PixelUncertainty_BySpread_DiffersFromEntropyAndStaysInRange()
    {
        var spread = Predict(new SegmentationOptions { Views = 4, Uncertainty = UncertaintyKind.Spread }).Vectors<float>("PixelUncertainty");

        Assert.NotEqual(Predict(new SegmentationOptions { Views = 4 }).Vectors<float>("PixelUncertainty"), spread);
        Assert.All(spread.SelectMany(row => row), value => Assert.InRange(value, 0, 1));
        Assert.Contains(spread.SelectMany(row => row), value => value > 0.01);
    }

    [Fact]
    public void PixelUncertainty_Requested_ChangesNoOtherColumn()
    {
        var predicted = Predict(new SegmentationOptions { Views = 2, Uncertainty = UncertaintyKind.Spread });
        var expected = Predict(new SegmentationOptions { Views = 2 });
        using var cursor = predicted.GetRowCursor([predicted.Schema["PredictedMask"], predicted.Schema["PixelProbability"], predicted.Schema["PixelUncertainty"]]);
        var (mask, shares, doubt) = (Getter<byte>(cursor, "PredictedMask"), Getter<float>(cursor, "PixelProbability"), Getter<float>(cursor, "PixelUncertainty"));
        for (var row = 0; cursor.MoveNext(); row++)
        {
            Assert.Equal(expected.Vectors<byte>("PredictedMask")[row], mask());
            Assert.Equal(expected.Vectors<float>("PixelProbability")[row], shares());
            Assert.Equal(predicted.Vectors<float>("PixelUncertainty")[row], doubt());
        }
    }

    [Fact]
    public void Spread_OfOneView_IsRefusedWithWhatToDo()
    {
        var options = new SegmentationOptions { Uncertainty = UncertaintyKind.Spread };

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => chain.Model.LastTransformer.With(options));

        Assert.Contains("Uncertainty by Spread compares views, and Views is 1; set Views to 2, 4 or 8, or Uncertainty to Entropy.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, new() { Segmentation = options }));
        chain.Model.LastTransformer.With(options with { Views = 2 }).Dispose();
    }

    [Fact]
    public void Load_ModelOfAnEarlierRelease_HasTheColumn()
    {
        using var loaded = (TransformerChain<ITransformer>)new MLContext().Model.Load(Path.Combine(RepositoryFolder.Root, "tests", "Mlps.ML.Tests", "Fixtures", "Models", "0.1.zip"), out _);

        var predicted = loaded.Transform(Images.Labelled());

        var probabilities = predicted.Vectors<float>("PixelProbability");
        Assert.All(predicted.Vectors<float>("PixelUncertainty").Zip(probabilities), pair => Assert.Equal(Entropy(pair.Second[0], pair.Second[Width * Height]), pair.First[0], 1e-5));
    }

    [Fact]
    public void PredictionEngine_OnePatch_GivesTheUncertaintyOfTransform()
    {
        using var engine = chain.Ml.Model.CreatePredictionEngine<Patch, Prediction>(chain.Model, new PredictionEngineOptions { OwnsTransformer = false });
        var expected = chain.Model.Transform(TinyTable.Patches(2).Labelled()).Vectors<float>("PixelUncertainty");

        for (var number = 0; number < 2; number++)
        {
            using var image = TinyTissue.Image(number, TinyTissue.Side, TinyTissue.Side);

            // Batches of another size round in another order.
            Assert.All(expected[number].Zip(engine.Predict(new Patch { Image = image }).PixelUncertainty), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    private static Func<T[]> Getter<T>(DataViewRowCursor cursor, string column)
    {
        var getter = cursor.GetGetter<VBuffer<T>>(cursor.Schema[column]);
        return () =>
        {
            VBuffer<T> value = default;
            getter(ref value);
            return [.. value.DenseValues()];
        };
    }

    private static double Entropy(params double[] probabilities) => -probabilities.Where(p => p > 0).Sum(p => p * Math.Log(p)) / Math.Log(probabilities.Length);

    private IDataView Predict(SegmentationOptions options)
    {
        var segmenter = chain.Model.LastTransformer;
        return segmenter.With(options).Transform(chain.Model.ClassifierOf().Transform(Images.Labelled()));
    }

    private sealed class Patch
    {
        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }
    }

    private sealed class Prediction
    {
        public float[] PixelUncertainty { get; set; } = [];
    }
}
