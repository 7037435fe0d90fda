using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Tables that do not fit are refused before any work, in the words that ML.NET's own components use.</summary>
[Collection(ChainTests.Name)]
public sealed class SchemaTests(TrainedChain chain)
{
    private readonly MLContext _ml = new(1);

    private static TinyTable Patches => TinyTable.Patches(2);

    [Fact]
    public void Fit_NoImage_SaysWhichColumnIsMissing() =>
        AssertRefused("Could not find input column 'Image'", () => TinyChain.Create(_ml).Fit(Patches.View(Patches.Name, Patches.Label)));

    [Fact]
    public void Fit_NoLabel_SaysWhichColumnIsMissing() =>
        AssertRefused("Could not find input column 'Label'", () => TinyChain.Create(_ml).Fit(Patches.View(Patches.Name, Patches.Image)));

    [Fact]
    public void Fit_ImageOfAnotherType_SaysExpectedAndActualType() =>
        AssertRefused(
            "Schema mismatch for input column 'Image': expected Image, got Single",
            () => TinyChain.Create(_ml).Fit(Patches.View(Patches.Name, TinyTable.Number("Image"), Patches.Label)));

    [Fact]
    public void Fit_LabelForAnotherNumberOfClasses_SaysExpectedAndActualType()
    {
        var label = new PatchColumn<VBuffer<bool>>("Label", new VectorDataViewType(BooleanDataViewType.Instance, 3), (TissuePatch patch, ref VBuffer<bool> value) => value = new VBuffer<bool>(3, [true, true, true]));

        AssertRefused(
            "Schema mismatch for input column 'Label': expected Vector<Boolean, 2>, got Vector<Boolean, 3>",
            () => TinyChain.Create(_ml).Fit(Patches.View(Patches.Name, Patches.Image, label)));
    }

    [Fact]
    public void Fit_WrongTable_ReadsNoImage()
    {
        var patches = Patches;

        Assert.Throws<ArgumentOutOfRangeException>(() => TinyChain.Create(_ml).Fit(patches.View(patches.Name, patches.Image)));

        Assert.Equal(0, patches.ImageReads);
    }

    [Fact]
    public void Fit_SegmenterWithoutPseudoMasks_SaysWhichColumnIsMissing() =>
        AssertRefused(
            "Could not find input column 'PseudoMask.b4_5'",
            () => _ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, TinyChain.Segmenter).Fit(Patches.Labelled()));

    [Fact]
    public void Fit_PseudoMasksWithoutActivationMaps_SaysWhichColumnIsMissing() =>
        AssertRefused("Could not find input column 'ActivationMaps'", () => _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes).Fit(Patches.Labelled()));

    [Fact]
    public void Transform_NoImage_SaysWhichColumnIsMissing() =>
        AssertRefused("Could not find input column 'Image'", () => chain.Model.Transform(Patches.View(Patches.Name)));

    [Fact]
    public void Transform_ImageOfAnotherType_SaysExpectedAndActualType() =>
        AssertRefused("Schema mismatch for input column 'Image': expected Image, got Single", () => chain.Model.Transform(Patches.View(TinyTable.Number("Image"))));

    [Fact]
    public void Transform_SegmenterWithoutGate_SaysWhichColumnIsMissing() =>
        AssertRefused("Could not find input column 'GateProbability'", () => chain.Model.LastTransformer.Transform(Patches.Labelled()));

    [Fact]
    public void Transform_PseudoMasksWithNeitherLabelNorProbability_SaysBoth()
    {
        var maps = new PatchColumn<VBuffer<float>>("ActivationMaps", new VectorDataViewType(NumberDataViewType.Single), (TissuePatch patch, ref VBuffer<float> value) => value = default);

        AssertRefused(
            "Could not find input column 'Label', nor 'GateProbability' or 'Probability' instead",
            () => chain.Model.PseudoMasksOf().Transform(Patches.View(Patches.Image, maps)));
    }

    [Fact]
    public void GetOutputSchema_TransformersAndWrongTable_SayTheSame()
    {
        AssertRefused("Could not find input column 'Image'", () => chain.Model.GetOutputSchema(Patches.View(Patches.Name).Schema));
        AssertRefused(
            "Schema mismatch for input column 'Image': expected Image, got Single",
            () => chain.Model.ClassifierOf().GetOutputSchema(Patches.View(TinyTable.Number("Image")).Schema));
    }

    [Fact]
    public void GetOutputSchema_EstimatorsAndWrongTable_SayTheSame()
    {
        var estimator = TinyChain.Create(_ml);

        AssertRefused("Could not find input column 'Image'", () => estimator.GetOutputSchema(ShapeOf(Patches.View(Patches.Name, Patches.Label).Schema)));
        AssertRefused("Could not find input column 'Label'", () => estimator.GetOutputSchema(ShapeOf(Patches.View(Patches.Name, Patches.Image).Schema)));
        AssertRefused(
            "Schema mismatch for input column 'Image': expected Image, got Single",
            () => estimator.GetOutputSchema(ShapeOf(Patches.View(TinyTable.Number("Image"), Patches.Label).Schema)));
        AssertRefused(
            "Could not find input column 'ActivationMaps'",
            () => _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes).GetOutputSchema(ShapeOf(Patches.Labelled().Schema)));
        AssertRefused(
            "Could not find input column 'PseudoMask.b4_5'",
            () => _ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes).GetOutputSchema(ShapeOf(Patches.Labelled().Schema)));
    }

    [Fact]
    public void GetOutputSchema_EstimatorsPromise_WhatTransformersDeliver()
    {
        var promised = TinyChain.Create(_ml).GetOutputSchema(ShapeOf(Patches.Labelled().Schema));

        var delivered = ShapeOf(chain.Model.GetOutputSchema(Patches.Labelled().Schema));

        Assert.Equal(Describe(delivered), Describe(promised));
    }

    [Fact]
    public void GetOutputSchema_SizeInTheSchema_DeliversKnownSizesWhereAnySizeWasPromised()
    {
        var patches = Patches;
        var table = patches.View(patches.Name, patches.ImageOf(new ImageDataViewType(32, 32)), patches.Label);
        var promised = TinyChain.Create(_ml).GetOutputSchema(ShapeOf(table.Schema)).ToDictionary(column => column.Name);

        foreach (var column in ShapeOf(chain.Model.GetOutputSchema(table.Schema)))
        {
            Assert.Equal(promised[column.Name].ItemType, column.ItemType);
            Assert.True(column.Kind == promised[column.Name].Kind || (column.Kind, promised[column.Name].Kind) is (SchemaShape.Column.VectorKind.Vector, SchemaShape.Column.VectorKind.VariableVector), column.Name);
        }
    }

    [Fact]
    public void GetOutputSchema_AnyTable_IsTheSchemaOfTransform() => Assert.Equal(
        chain.Model.Transform(Patches.Labelled()).Schema.Select(column => (column.Name, column.Type)),
        chain.Model.GetOutputSchema(Patches.Labelled().Schema).Select(column => (column.Name, column.Type)));

    private static void AssertRefused(string message, Func<object> action) =>
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(action).Message, StringComparison.Ordinal);

    private static SchemaShape ShapeOf(DataViewSchema schema) => new(schema.Where(column => !column.IsHidden).Select(column => SchemaShapes.Column(
        column.Name, column.Type, [.. column.Annotations.Schema.Select(annotation => (annotation.Name, annotation.Type))])));

    private static string[] Describe(SchemaShape shape) =>
    [
        .. shape.OrderBy(column => column.Name, StringComparer.Ordinal).Select(column =>
            $"{column.Name}: {column.Kind} of {column.ItemType}, {string.Join(" ", column.Annotations.Select(annotation => $"{annotation.Name} {annotation.Kind} of {annotation.ItemType}").Order())}"),
    ];
}
