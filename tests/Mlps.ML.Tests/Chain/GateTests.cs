using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch;
using Mlps.Torch.PseudoMasks;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>How the gate and the background show in the predicted masks.</summary>
[Collection(ChainTests.Name)]
public sealed class GateTests(TrainedChain chain)
{
    private const int Width = 44;
    private const int Height = 36;
    private const int CellColumns = 6;

    private static TinyTable Images => TinyTable.Images(4, Width, Height);

    [Fact]
    public void Whole_NothingPasses_TheMostProbableTissueIsEverywhere()
    {
        var predicted = Predict(new SegmentationOptions { Gate = GateMode.Whole, GateThreshold = 1 });

        var masks = predicted.Vectors<byte>("PredictedMask");

        var probabilities = predicted.Vectors<float>("Probability");
        Assert.All(Enumerable.Range(0, masks.Length), row => Assert.Equal((byte)(probabilities[row][1] > probabilities[row][0] ? 1 : 0), Assert.Single(masks[row].Distinct())));
    }

    [Fact]
    public void Windows_NothingPasses_TheMostProbableTissueOfEachCellIsInIt()
    {
        var predicted = Predict(new SegmentationOptions { Gate = GateMode.Windows, GateThreshold = 1 });

        var masks = predicted.Vectors<byte>("PredictedMask");

        var gates = predicted.Vectors<float>("GateProbability");
        for (var row = 0; row < masks.Length; row++)
        {
            for (var pixel = 0; pixel < masks[row].Length; pixel++)
            {
                var cell = (pixel / Width / 8 * CellColumns) + (pixel % Width / 8);
                var expected = gates[row][cell + (gates[row].Length / 2)] > gates[row][cell] ? 1 : 0;
                Assert.Equal(expected, masks[row][pixel]);
            }
        }
    }

    [Fact]
    public void Windows_ThresholdZero_IsTheSameAsNoGate()
    {
        var open = Predict(new SegmentationOptions { Gate = GateMode.Windows, GateThreshold = 0 }).Vectors<float>("PixelProbability");

        Assert.Equal(Predict(new SegmentationOptions { Gate = GateMode.None }).Vectors<float>("PixelProbability"), open);
    }

    [Fact]
    public void None_TableOfImagesAlone_IsEnough()
    {
        var images = Images;
        var segmenter = chain.Model.LastTransformer.With(new SegmentationOptions { Gate = GateMode.None });

        var masks = segmenter.Transform(images.View(images.Image)).Vectors<byte>("PredictedMask");

        Assert.Equal(Predict(new SegmentationOptions { Gate = GateMode.None }).Vectors<byte>("PredictedMask"), masks);
    }

    [Theory]
    [InlineData(GateMode.None)]
    [InlineData(GateMode.Whole)]
    [InlineData(GateMode.Windows)]
    public void Fit_AnyGate_IsWhatTheTransformerUses(GateMode gate)
    {
        using var model = TinyChain.Create(chain.Ml, segmenter: TinyChain.Segmenter with { Segmentation = new() { Gate = gate } }).Fit(TinyTable.Patches(4).Labelled());

        Assert.Equal(gate, model.LastTransformer.Segmentation.Gate);
        Assert.Equal(4, model.Transform(Images.Labelled()).Vectors<byte>("PredictedMask").Length);
    }

    [Fact]
    public void GateColumn_OfAnotherLength_NamesRowAndBothSizes()
    {
        var images = Images;
        var gate = new PatchColumn<VBuffer<float>>(
            "GateProbability", new VectorDataViewType(NumberDataViewType.Single), (TissuePatch patch, ref VBuffer<float> value) => value = new VBuffer<float>(5, [1f, 1f, 1f, 1f, 1f]));

        var error = Assert.ThrowsAny<InvalidOperationException>(() =>
            chain.Model.LastTransformer.Transform(images.View(images.Name, images.Image, gate)).Vectors<byte>("PredictedMask"));

        Assert.Contains("'patch 0' (row 0)", error.Message, StringComparison.Ordinal);
        Assert.Contains("column 'GateProbability': the gate has 5 values for an image of 44x36 and 2 classes; expected 2, or 60 for 6x5 cells.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Background_WhiteCorner_IsMarkedAndProbabilitiesAreLeftAlone()
    {
        using var model = TinyChain.Create(chain.Ml, segmenter: TinyChain.Segmenter with { Segmentation = new() { Background = new BackgroundOptions() } }).Fit(TinyTable.Patches(4).Labelled());

        var predicted = model.Transform(Images.Labelled());

        var masks = predicted.Vectors<byte>("PredictedMask");
        for (var row = 0; row < masks.Length; row++)
        {
            var truth = TinyTissue.Mask(row, Width, Height);
            Assert.All(Enumerable.Range(0, truth.Length), pixel => Assert.Equal(truth[pixel] == 2, masks[row][pixel] == 2));
        }

        Assert.Equal(2 * Width * Height, predicted.Vectors<float>("PixelProbability")[0].Length);
    }

    [Fact]
    public void Background_NotAsked_IsNeverPredicted() =>
        Assert.All(chain.Model.Transform(Images.Labelled()).Vectors<byte>("PredictedMask").SelectMany(mask => mask), index => Assert.InRange(index, 0, 1));

    [Fact]
    public void ReferenceRecipe_ClosedGate_SetsLogitsToZeroRatherThanNever()
    {
        var mended = Predict(new SegmentationOptions { Gate = GateMode.Whole, GateThreshold = 1 }).Vectors<float>("PixelProbability");
        var published = Predict(new SegmentationOptions { Gate = GateMode.Whole, GateThreshold = 1, Recipe = Recipe.Reference }).Vectors<float>("PixelProbability");

        Assert.All(mended.SelectMany(row => row), value => Assert.True(value is 0 or 1));
        Assert.All(published.SelectMany(row => row), value => Assert.Equal(0.5f, value));
    }

    private IDataView Predict(SegmentationOptions segmentation) =>
        chain.Model.LastTransformer.With(segmentation).Transform(chain.Model.ClassifierOf().Transform(Images.Labelled()));
}
