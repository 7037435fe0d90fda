using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.LoadProbe;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Who disposes which image.</summary>
public sealed class ImageOwnershipTests
{
    private readonly MLContext _ml = new();

    [Fact]
    public void Cursor_ReadToTheEnd_DisposesEveryImageThatTheLoaderGave()
    {
        var table = new CountingTable(rows: 9);

        CreateStage().Transform(table).ReadVectors(MeanColorTransformer.Mean);

        Assert.Equal(9, table.Decodes);
        Assert.Equal(0, table.CountUndisposed());
    }

    [Fact]
    public void Cursor_DisposedHalfWay_DisposesWhatItHadRead()
    {
        var table = new CountingTable(rows: 9);
        using (var cursor = CreateStage().Transform(table).OpenCursor(MeanColorTransformer.Mean))
        {
            cursor.MoveNext();
        }

        Assert.Equal(4, table.Decodes);
        Assert.Equal(0, table.CountUndisposed());
    }

    [Fact]
    public void Cursor_OverImagesOfTheUser_LeavesThemAlone()
    {
        var table = new CountingTable(rows: 5, sharesImages: true);

        CreateStage().Transform(table).ReadVectors(MeanColorTransformer.Mean);

        Assert.All(table.OwnImages, image => Assert.False(CountingTable.IsDisposed(image)));
    }

    /// <summary>That a user disposes one of his images does not make the next one ours.</summary>
    [Fact]
    public void UpstreamImage_UserDisposesHisOwn_LeavesTheNextAlone()
    {
        using var second = TestImages.Create(2, 6, 4);
        using (var upstream = new UpstreamImage(isOurs: false))
        {
            var first = TestImages.Create(1, 6, 4);
            upstream.Read((ref MLImage? value) => value = first);
            first.Dispose();
            upstream.Read((ref MLImage? value) => value = second);
        }

        Assert.False(CountingTable.IsDisposed(second));
    }

    [Fact]
    public void UpstreamImage_GetterThatDisposesWhatItIsHandedBack_LeavesTheLastToUs()
    {
        var images = new[] { TestImages.Create(1, 6, 4), TestImages.Create(2, 6, 4) };
        using (var upstream = new UpstreamImage(isOurs: false))
        {
            foreach (var image in images)
            {
                upstream.Read((ref MLImage? value) =>
                {
                    value?.Dispose();
                    value = image;
                });
            }
        }

        Assert.All(images, image => Assert.True(CountingTable.IsDisposed(image)));
    }

    [Fact]
    public void Cursor_ConsumerDisposesAnImage_TheResultAndOtherConsumersKeepTheirs()
    {
        var view = CreateStage().Transform(new CountingTable(rows: 3));
        using var cursor = view.OpenCursor("Image", MeanColorTransformer.Mean);
        var image = cursor.Getter<MLImage>("Image");
        var mean = cursor.Getter<VBuffer<float>>(MeanColorTransformer.Mean);
        cursor.MoveNext();
        MLImage first = null!;
        MLImage second = null!;
        image(ref first);
        image(ref second);

        first.Dispose();
        VBuffer<float> value = default;
        mean(ref value);

        using var expected = TestImages.Create(0, 6, 4);
        Assert.Equal(expected.Pixels.ToArray(), second.Pixels.ToArray());
        TableReading.AssertClose(TableReading.ExpectedMean(expected), [.. value.DenseValues()]);
        second.Dispose();
    }

    [Fact]
    public void Cursor_ImageKeptByTheConsumer_OutlivesTheCursor()
    {
        var kept = new List<MLImage>();
        using (var cursor = CreateStage().Transform(new CountingTable(rows: 6)).OpenCursor("Image", MeanColorTransformer.Mean))
        {
            var getter = cursor.Getter<MLImage>("Image");
            while (cursor.MoveNext())
            {
                MLImage image = null!;
                getter(ref image);
                kept.Add(image);
            }
        }

        for (var row = 0; row < 6; row++)
        {
            using var expected = TestImages.Create(row, 6, 4);
            Assert.Equal(expected.Pixels.ToArray(), kept[row].Pixels.ToArray());
            kept[row].Dispose();
        }
    }

    [Fact]
    public void Cursor_ImageHandedBack_IsDisposedAndReplaced()
    {
        using var cursor = CreateStage().Transform(new CountingTable(rows: 2)).OpenCursor("Image", MeanColorTransformer.Mean);
        var getter = cursor.Getter<MLImage>("Image");
        MLImage image = null!;
        cursor.MoveNext();
        getter(ref image);
        var first = image;
        cursor.MoveNext();
        getter(ref image);

        Assert.True(CountingTable.IsDisposed(first));
        Assert.False(CountingTable.IsDisposed(image));
        image.Dispose();
    }

    [Fact]
    public void Cursor_TagOfAnImage_IsKept()
    {
        var table = new CountingTable(rows: 1, sharesImages: true);
        table.OwnImages[0].Tag = "slide 7";
        using var cursor = CreateStage().Transform(table).OpenCursor("Image", MeanColorTransformer.Mean);
        cursor.MoveNext();
        MLImage image = null!;
        cursor.Getter<MLImage>("Image")(ref image);

        Assert.Equal("slide 7", image.Tag);
        image.Dispose();
    }

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions(), [1f, 0.5f, 2f]);
}
