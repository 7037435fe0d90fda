using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Stages;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>The columns that the stages add, for images as large as the training patches and larger.</summary>
[Collection(ChainTests.Name)]
public sealed class ColumnTests(TrainedChain chain)
{
    private const int Width = 44;
    private const int Height = 36;

    private static readonly string[] _masks = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7", "PredictedMask"];

    private static TinyTable Images => TinyTable.Images(4, Width, Height);

    /// <summary>ML.NET's types overflow where a vector has more values than an array holds; the mask of such an image fits.</summary>
    [Fact]
    public void PixelVector_MoreValuesThanAnArrayHolds_LeavesHeightAndWidthOpen()
    {
        Assert.Equal([20_000, 25_000], PixelVector.Type(NumberDataViewType.Byte, 20_000, 25_000).Dimensions.AsEnumerable());
        Assert.Equal([4, 20_000, 25_000], PixelVector.Type(NumberDataViewType.Single, 4, 20_000, 25_000).Dimensions.AsEnumerable());
        Assert.Equal([5, 0, 0], PixelVector.Type(NumberDataViewType.Single, 5, 20_000, 25_000).Dimensions.AsEnumerable());
        Assert.Equal([5, 0, 0], PixelVector.Type(NumberDataViewType.Single, 5, 0, 0).Dimensions.AsEnumerable());
    }

    /// <summary>The column that the options name is taken where the method is given none, and the method's own where it is.</summary>
    [Theory]
    [InlineData("stains")]
    [InlineData("classifier")]
    [InlineData("masks")]
    [InlineData("segmenter")]
    public void Catalog_NameOfTheInput_IsTheMethodsOrElseTheOptions(string stage)
    {
        AssertMissing("OfOptions", inputColumnName: null);
        AssertMissing("OfMethod", inputColumnName: "OfMethod");

        void AssertMissing(string column, string? inputColumnName)
        {
            var images = Images;
            var shape = SchemaShape.Create(images.View(images.Name, images.Image, images.Label).Schema);
            var catalog = new MLContext().TissueSegmentation;
            var classes = TinyTissue.Classes;

            var error = Assert.Throws<ArgumentOutOfRangeException>(() => stage switch
            {
                "stains" => catalog.NormalizeStains("Out", inputColumnName, new() { InputColumnName = "OfOptions" }).GetOutputSchema(shape),
                "classifier" => catalog.PatchClassifier(classes, "Out", inputColumnName, new() { ImageColumnName = "OfOptions" }).GetOutputSchema(shape),
                "masks" => catalog.PseudoMasks(classes, "Out.", inputColumnName, new() { ActivationMapsColumnName = "OfOptions" }).GetOutputSchema(shape),
                _ => catalog.GatedSegmenter(classes, "Out", inputColumnName, new() { ImageColumnName = "OfOptions" }).GetOutputSchema(shape),
            });

            Assert.Contains($"'{column}'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Transform_SizeInTheSchema_EveryColumnHasItsDimensions()
    {
        var images = Images;
        var schema = chain.Model.Transform(images.View(images.Name, images.ImageOf(new ImageDataViewType(Height, Width)), images.Label)).Schema;

        Assert.Equal(
            ["Name", "Image", "Label", "Probability", "GateProbability", "ActivationMaps", .. _masks, "PixelProbability", "PixelUncertainty"],
            schema.Select(column => column.Name));
        Assert.Equal([2], schema.Dimensions("Probability"));
        Assert.Equal([2, 5, 6], schema.Dimensions("GateProbability"));
        Assert.Equal([3, 2, 5, 6], schema.Dimensions("ActivationMaps"));
        Assert.All(_masks, mask => Assert.Equal([Height, Width], schema.Dimensions(mask)));
        Assert.Equal([2, Height, Width], schema.Dimensions("PixelProbability"));
        Assert.Equal([Height, Width], schema.Dimensions("PixelUncertainty"));
    }

    [Fact]
    public void Transform_SizeNotInTheSchema_UnknownDimensionsAreZero()
    {
        var schema = chain.Model.Transform(Images.Labelled()).Schema;

        Assert.Equal([2], schema.Dimensions("Probability"));
        Assert.Equal([2, 0, 0], schema.Dimensions("GateProbability"));
        Assert.Equal([3, 2, 0, 0], schema.Dimensions("ActivationMaps"));
        Assert.All(_masks, mask => Assert.Equal([0, 0], schema.Dimensions(mask)));
        Assert.Equal([2, 0, 0], schema.Dimensions("PixelProbability"));
    }

    [Fact]
    public void Transform_AnyTable_ItemTypesAreBytesForMasksAndSinglesElsewhere()
    {
        var schema = chain.Model.Transform(Images.Labelled()).Schema;

        Assert.All(schema.Skip(3), column => Assert.Equal(
            _masks.Contains(column.Name) ? NumberDataViewType.Byte : NumberDataViewType.Single, ((VectorDataViewType)column.Type).ItemType));
    }

    [Fact]
    public void Transform_AnyTable_EveryColumnCarriesTheClassNames()
    {
        var schema = chain.Model.Transform(Images.Labelled()).Schema;

        Assert.All(schema.Skip(3), column => Assert.Equal(TinyTissue.Classes.Names, column.Names(TissueColumns.ClassesAnnotation)));
        Assert.Equal(TinyTissue.Classes.Names, schema["Probability"].Names("SlotNames"));
    }

    [Fact]
    public void Transform_SizeKnownOrNot_ValuesAreTheSame()
    {
        var images = Images;
        var known = chain.Model.Transform(images.View(images.Name, images.ImageOf(new ImageDataViewType(Height, Width)), images.Label));
        var unknown = chain.Model.Transform(images.Labelled());

        Assert.All(["Probability", "GateProbability", "ActivationMaps", "PixelProbability", "PixelUncertainty"], column => Assert.Equal(known.Vectors<float>(column), unknown.Vectors<float>(column)));
        Assert.All(_masks, column => Assert.Equal(known.Vectors<byte>(column), unknown.Vectors<byte>(column)));
    }

    [Fact]
    public void Transform_AnyTable_ProbabilitiesAreWithinRangeAndDifferBetweenImages()
    {
        var predicted = chain.Model.Transform(Images.Labelled());

        foreach (var column in (string[])["Probability", "GateProbability", "PixelProbability", "PixelUncertainty"])
        {
            var rows = predicted.Vectors<float>(column);
            Assert.All(rows.SelectMany(row => row), value => Assert.InRange(value, 0, 1));
            Assert.NotEqual(rows[0], rows[1]);
        }
    }

    [Fact]
    public void GateProbability_ImageOfThePatchSize_IsTheProbabilityEverywhere()
    {
        var predicted = chain.Model.Transform(TinyTable.Patches(4).Labelled());

        var cells = predicted.Vectors<float>("GateProbability");

        var whole = predicted.Vectors<float>("Probability");
        for (var row = 0; row < cells.Length; row++)
        {
            Assert.Equal(2 * 4 * 4, cells[row].Length);
            Assert.All(cells[row][..16], value => Assert.Equal(whole[row][0], value, 1e-6f));
            Assert.All(cells[row][16..], value => Assert.Equal(whole[row][1], value, 1e-6f));
        }
    }

    [Fact]
    public void PixelProbability_EveryPixel_SumsToOneAndIsHighestForThePredictedClass()
    {
        var predicted = chain.Model.Transform(Images.Labelled());

        var probabilities = predicted.Vectors<float>("PixelProbability");
        var masks = predicted.Vectors<byte>("PredictedMask");

        const int Pixels = Width * Height;
        for (var row = 0; row < masks.Length; row++)
        {
            Assert.Equal(Pixels, masks[row].Length);
            for (var pixel = 0; pixel < Pixels; pixel++)
            {
                float first = probabilities[row][pixel], second = probabilities[row][Pixels + pixel];
                Assert.Equal(1, first + second, 1e-5f);
                if (Math.Abs(first - second) > 1e-5f)
                {
                    Assert.Equal(second > first ? 1 : 0, masks[row][pixel]);
                }
            }
        }
    }

    [Fact]
    public void PseudoMasks_LabelsOfOneClass_HoldThatClassAndBackgroundOnly()
    {
        var predicted = chain.Model.Transform(Images.Labelled());

        foreach (var column in _masks[..3])
        {
            var masks = predicted.Vectors<byte>(column);
            Assert.Equal(new byte[] { 0, 2 }, masks[0].Distinct().Order());
            Assert.Equal(new byte[] { 1 }, masks[1].Distinct());
            Assert.Equal(12 * 12, masks[2].Count(index => index == 2));
        }
    }

    [Fact]
    public void PseudoMasks_TableWithoutLabels_FollowTheProbabilityInWindows()
    {
        var images = Images;
        var predicted = chain.Model.Transform(images.View(images.Name, images.Image));

        var masks = predicted.Vectors<byte>("PseudoMask.bn7");

        var probabilities = predicted.Vectors<float>("GateProbability");
        for (var row = 0; row < masks.Length; row++)
        {
            var highest = probabilities[row].Chunk(probabilities[row].Length / 2).Select(cells => cells.Max()).ToArray();
            var allowed = Enumerable.Range(0, 2).Where(c => highest[c] > 0.5f || highest[c] == highest.Max()).Append(2);
            Assert.Subset(allowed.ToHashSet(), masks[row].Select(index => (int)index).ToHashSet());
        }
    }
}
