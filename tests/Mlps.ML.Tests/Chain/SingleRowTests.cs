using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Prediction engines, and tables whose images differ in size: what comes out does not depend on the rows beside.</summary>
[Collection(ChainTests.Name)]
public sealed class SingleRowTests(TrainedChain chain)
{
    [Fact]
    public void PredictionEngine_OnePatch_GivesTheMaskOfTransform()
    {
        using var engine = CreateEngine<Patch>();
        var table = TinyTable.Patches(3);
        var masks = chain.Model.Transform(table.View(table.Name, table.Image)).Vectors<byte>("PredictedMask");

        for (var number = 0; number < masks.Length; number++)
        {
            using var image = TinyTissue.Image(number, TinyTissue.Side, TinyTissue.Side);
            Assert.Equal(masks[number], engine.Predict(new Patch { Image = image }).PredictedMask);
        }
    }

    [Fact]
    public void PredictionEngine_ImagesOfAnySize_WorksWithATypeWithoutSize()
    {
        // ML.NET's attribute insists on a size; a property without it is of the type that is registered for images as such.
        DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        using var engine = CreateEngine<AnyPatch>();

        foreach (var (width, height) in ((int, int)[])[(32, 32), (50, 37), (20, 28)])
        {
            using var image = TinyTissue.Image(2, width, height);
            var table = TinyTable.Images(3, width, height);
            var mask = chain.Model.Transform(table.View(table.Name, table.Image)).Vectors<byte>("PredictedMask")[2];
            Assert.Equal(mask, engine.Predict(new AnyPatch { Image = image }).PredictedMask);
        }
    }

    [Fact]
    public void PredictionEngine_ImageOfAnotherSizeThanDeclared_SaysSo()
    {
        using var engine = CreateEngine<Patch>();
        using var image = TinyTissue.Image(0, 40, 40);

        var error = Assert.ThrowsAny<InvalidOperationException>(() => engine.Predict(new Patch { Image = image }));

        Assert.Contains("row 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("40x40", error.Message, StringComparison.Ordinal);
        Assert.Contains("32x32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_ImagesOfSeveralSizes_EachAsIfAlone()
    {
        TinyRow[] rows = [new(0), new(1), new(2, 50, 37), new(3, 50, 37), new(4), new(5, 20, 28), new(6, 37, 50)];
        var predicted = chain.Model.Transform(new TinyTable(rows).Labelled());

        foreach (var column in (string[])["PseudoMask.b4_5", "PseudoMask.bn7", "PredictedMask"])
        {
            var masks = predicted.Vectors<byte>(column);
            for (var row = 0; row < rows.Length; row++)
            {
                Assert.Equal(chain.Model.Transform(new TinyTable(rows[row]).Labelled()).Vectors<byte>(column).Single(), masks[row]);
                Assert.Equal(rows[row].Width * rows[row].Height, masks[row].Length);
            }
        }
    }

    [Fact]
    public void Transform_UnreadableImage_FailsWhereTheRowWouldHaveCome()
    {
        var table = new TinyTable(Enumerable.Range(0, 5).Select(number => new TinyRow(number))) { BrokenImage = "patch 3" };
        var predicted = chain.Model.Transform(table.View(table.Name, table.Image));
        using var cursor = predicted.GetRowCursor([predicted.Schema["PredictedMask"]]);

        var error = Assert.ThrowsAny<Exception>(() =>
        {
            while (cursor.MoveNext())
            {
                Assert.InRange(cursor.Position, 0, 2);
            }
        });

        Assert.Equal("patch 3 is broken", error.GetBaseException().Message);
    }

    private PredictionEngine<T, Prediction> CreateEngine<T>()
        where T : class =>
        chain.Ml.Model.CreatePredictionEngine<T, Prediction>(chain.Model, new PredictionEngineOptions { OwnsTransformer = false });

    private sealed class Patch
    {
        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }
    }

    private sealed class AnyPatch
    {
        public MLImage? Image { get; set; }
    }

    private sealed class Prediction
    {
        public byte[] PredictedMask { get; set; } = [];
    }
}
