using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Stain normalization as an ML.NET stage: schemas, errors, files, threads, and who owns images.</summary>
public sealed class StainContractTests
{
    private const int Side = 48;

    private static readonly byte[] _reference = StainedImages.Draw(StainedImages.OtherHaematoxylin, StainedImages.OtherEosin, Side);
    private static readonly byte[][] _images = [.. Enumerable.Range(1, 5).Select(seed => StainedImages.Draw(StainedImages.Haematoxylin, StainedImages.Eosin, Side, seed))];

    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void Fit_NoImage_SaysWhichColumnIsMissing()
    {
        AssertRefused("Could not find input column 'Picture'", () => _ml.TissueSegmentation.NormalizeStains("Image", "Picture").Fit(Table()));
        AssertRefused("Could not find input column 'Picture'", () => _ml.TissueSegmentation.NormalizeStains("Image", "Picture").GetOutputSchema(SchemaShape.Create(Table().Schema)));
        AssertRefused("Could not find input column 'Image'", () => Fit().Transform(_ml.Data.LoadFromEnumerable(new[] { new { Name = "a" } })));
    }

    [Fact]
    public void Fit_ColumnOfAnotherType_SaysExpectedAndActualType()
    {
        var table = _ml.Data.LoadFromEnumerable(new[] { new { Image = 1f } });

        AssertRefused("Schema mismatch for input column 'Image': expected Image, got Single", () => _ml.TissueSegmentation.NormalizeStains().Fit(table));
        AssertRefused("Schema mismatch for input column 'Image': expected Image, got Single", () => _ml.TissueSegmentation.NormalizeStains().GetOutputSchema(SchemaShape.Create(table.Schema)));
        AssertRefused("Schema mismatch for input column 'Image': expected Image, got Single", () => Fit().GetOutputSchema(table.Schema));
    }

    [Fact]
    public void Transform_DefaultColumns_PutTheNewImagesInThePlaceOfTheOld()
    {
        var table = StainedImages.Table(new ImageDataViewType(Side, Side), Side, _images);

        var view = Fit().Transform(table);

        Assert.Equal(["Name", "Image"], view.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
        Assert.Equal(new ImageDataViewType(Side, Side), view.Schema["Image"].Type);
        Assert.All(view.Images().Zip(_images), pair => Assert.NotEqual(pair.Second, pair.First));
    }

    [Fact]
    public void Transform_ColumnOfItsOwn_KeepsTheOldImages()
    {
        var estimator = _ml.TissueSegmentation.NormalizeStains("Normalized", "Image");
        var view = estimator.Fit(Reference()).Transform(Table());

        Assert.Equal(["Name", "Image", "Normalized"], view.Schema.Select(column => column.Name));
        Assert.Equal(_images, view.Images());
        Assert.Equal(Fit().Transform(Table()).Images(), view.Images("Normalized"));
        Assert.Contains(estimator.GetOutputSchema(SchemaShape.Create(Table().Schema)), column => column.Name == "Normalized" && column.ItemType is ImageDataViewType);
    }

    [Theory]
    [InlineData(StainMethod.Macenko)]
    [InlineData(StainMethod.Reinhard)]
    public void Load_SavedTransformer_GivesTheSamePixels(StainMethod method)
    {
        var transformer = _ml.TissueSegmentation.NormalizeStains(new() { Method = method, SampledPixels = 1000, AnglePercentile = 2 }).Fit(Reference());
        using var stream = new MemoryStream();
        _ml.Model.Save(transformer, Table().Schema, stream);
        stream.Position = 0;

        var loaded = (StainNormalizationTransformer)new MLContext().Model.Load(stream, out _);

        Assert.Equal(method, loaded.Method);
        Assert.Equal(transformer.Transform(Table()).Images(), loaded.Transform(Table()).Images());
    }

    [Fact]
    public void Transform_SeveralCursors_GiveEveryRowInItsPlace()
    {
        // The table is read by several cursors, which share its rows batch by batch.
        byte[][] many = [.. Enumerable.Range(0, 300).Select(number => _images[number % _images.Length])];
        var view = Fit().Transform(StainedImages.Table(Side, many));
        var expected = Fit().Transform(Table()).Images();

        var cursors = view.GetRowCursorSet(view.Schema, 4);
        var rows = cursors.AsParallel().WithDegreeOfParallelism(4).SelectMany(cursor =>
        {
            using (cursor)
            {
                return Read(cursor, view.Schema);
            }
        }).ToArray();

        Assert.True(cursors.Length > 1, "One cursor reads alone.");
        Assert.Equal(300, rows.Length);
        Assert.All(rows, row => Assert.Equal(expected[int.Parse(row.Name.AsSpan("patch ".Length)) % _images.Length], row.Image));
    }

    [Fact]
    public void Normalize_OnManyThreads_GivesTheSamePixels()
    {
        var transformer = Fit();
        var expected = transformer.Transform(Table()).Images();

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, round =>
        {
            using var image = StainedImages.ToImage(_images[round % _images.Length], Side);
            using var normalized = transformer.Normalize(image);
            Assert.Equal(expected[round % _images.Length], StainedImages.ToRgb(normalized));
        });
    }

    [Fact]
    public void PredictionEngine_OneImage_GivesThatOfTransform()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Row, Row>(Fit());
        var expected = Fit().Transform(Table()).Images();

        for (var number = 0; number < _images.Length; number++)
        {
            using var image = StainedImages.ToImage(_images[number], Side);
            using var normalized = engine.Predict(new Row { Image = image }).Image!;
            Assert.Equal(expected[number], StainedImages.ToRgb(normalized));
            Assert.Equal(_images[number], StainedImages.ToRgb(image));
        }
    }

    [Fact]
    public void Cursor_ReadToTheEnd_DisposesEveryImageThatTheLoaderGave()
    {
        var table = new CountingTable(rows: 9);

        Fit().Transform(table).Images();

        Assert.Equal(9, table.Decodes);
        Assert.Equal(0, table.CountUndisposed());
    }

    [Fact]
    public void Fit_ImagesOfTheUser_LeavesThemAlone()
    {
        var table = new CountingTable(rows: 5, size: _ => (40, 40), sharesImages: true);

        _ml.TissueSegmentation.NormalizeStains(new() { Method = StainMethod.Reinhard }).Fit(table).Transform(table).Images();

        Assert.All(table.OwnImages, image => Assert.False(CountingTable.IsDisposed(image)));
    }

    [Fact]
    public void Transform_RowWithoutImage_IsNamed()
    {
        var view = Fit().Transform(new CountingTable(rows: 3) { RowWithoutImage = 1 });

        Assert.Contains("'patch 1' (row 1): there is no image in column 'Image'", Assert.ThrowsAny<InvalidOperationException>(() => view.Images()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_AfterDisposal_Throws()
    {
        var transformer = Fit();
        transformer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => transformer.Transform(Table()));
    }

    private static IDataView Table() => StainedImages.Table(Side, _images);

    private static IDataView Reference() => StainedImages.Table(Side, _reference);

    private static void AssertRefused(string message, Func<object> action) =>
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(action).Message, StringComparison.Ordinal);

    private static List<(string Name, byte[] Image)> Read(DataViewRowCursor cursor, DataViewSchema schema)
    {
        var rows = new List<(string, byte[])>();
        var names = cursor.GetGetter<ReadOnlyMemory<char>>(schema["Name"]);
        var images = cursor.GetGetter<MLImage>(schema["Image"]);
        ReadOnlyMemory<char> name = default;
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            names(ref name);
            images(ref image);
            rows.Add((name.ToString(), StainedImages.ToRgb(image)));
        }

        image?.Dispose();
        return rows;
    }

    private StainNormalizationTransformer Fit() => _ml.TissueSegmentation.NormalizeStains().Fit(Reference());

    private sealed class Row
    {
        [ImageType(Side, Side)]
        public MLImage? Image { get; set; }
    }
}
