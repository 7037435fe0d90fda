using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Schema errors in ML.NET's own words, from estimators before fitting and from transformers before transforming.</summary>
public sealed class SchemaCheckTests
{
    private readonly MLContext _ml = new();

    [Fact]
    public void Transform_NoSuchColumn_SaysWhichInMLNetsWords()
    {
        var table = _ml.Data.LoadFromEnumerable([new { Text = "a" }]);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => CreateStage().Transform(table));

        Assert.StartsWith("Could not find input column 'Image'", exception.Message, StringComparison.Ordinal);
        Assert.Equal("inputSchema", exception.ParamName);
    }

    [Fact]
    public void Transform_WrongType_SaysWhatWasExpectedAsMLNetsResizeDoes()
    {
        var table = _ml.Data.LoadFromEnumerable([new { Image = "a" }]);
        var resize = _ml.Transforms.ResizeImages("Image", 2, 2).Fit(new CountingTable(rows: 1));

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => CreateStage().Transform(table));
        var expected = Assert.Throws<ArgumentOutOfRangeException>(() => resize.Transform(table));

        Assert.Equal("Schema mismatch for input column 'Image': expected Image, got String", FirstLine(exception));
        Assert.StartsWith("Schema mismatch for input column 'Image': expected", FirstLine(expected), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Transform_OptionalColumnOfAnotherSize_IsRefused()
    {
        var table = new BrightnessTransformer(_ml).Transform(CreateStage().Transform(new CountingTable(rows: 1)));
        var copy = _ml.Transforms.CopyColumns("Tint", BrightnessTransformer.Column).Fit(table);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => CreateStage().Transform(copy.Transform(table)));

        Assert.Equal("Schema mismatch for input column 'Tint': expected Vector<Single, 3>, got Vector<Single, 1>", FirstLine(exception));
    }

    [Fact]
    public void Transform_OptionalColumnThere_IsUsed()
    {
        var stage = CreateStage();
        var means = stage.Transform(new CountingTable(rows: 2));
        var tinted = _ml.Transforms.CopyColumns("Tint", MeanColorTransformer.Mean).Fit(means).Transform(means);

        var plain = means.ReadVectors(MeanColorTransformer.Mean);
        var twice = stage.Transform(tinted).ReadVectors(MeanColorTransformer.Mean);

        TableReading.AssertClose([.. plain[1].Select(value => value * 2)], twice[1]);
    }

    [Fact]
    public void EstimatorGetOutputSchema_WrongType_SaysWhatWasExpected()
    {
        var chain = _ml.Transforms.CopyColumns("Image", "Text").Append(CreateEstimator());
        var table = _ml.Data.LoadFromEnumerable([new { Text = "a" }]);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => chain.Fit(table));

        Assert.Equal("Schema mismatch for input column 'Image': expected Image, got String", FirstLine(exception));
    }

    [Fact]
    public void EstimatorGetOutputSchema_NoSuchColumn_SaysWhich()
    {
        var table = _ml.Data.LoadFromEnumerable([new { Text = "a" }]);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("Copy", "Text").Append(CreateEstimator()).Fit(table));

        Assert.StartsWith("Could not find input column 'Image'. If the table had it:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Weights")]
    [InlineData("Number")]
    public void EstimatorGetOutputSchema_VectorOfUnknownSizeOrScalar_IsRefusedWhereASizeIsNeeded(string source)
    {
        var table = new CountingTable(rows: 1);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("Tint", source).Append(CreateEstimator()).Fit(table));

        Assert.Contains("Schema mismatch for input column 'Tint': expected Vector<Single, 3>, got " + (source == "Weights" ? "VarVector<Single>" : "Int64"), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EstimatorGetOutputSchema_PromisesWhatTheTransformerMakes()
    {
        var table = new CountingTable(rows: 1);
        var promised = CreateEstimator().GetOutputSchema(SchemaShape.Create(table.Schema));
        var made = SchemaShape.Create(CreateStage().GetOutputSchema(table.Schema));

        Assert.Equal(made.Select(column => $"{column.Name} {column.GetTypeString()}"), promised.Select(column => $"{column.Name} {column.GetTypeString()}"));
    }

    [Fact]
    public void EstimatorGetOutputSchema_ColumnOfThatNameThere_IsReplaced()
    {
        var promised = CreateEstimator().GetOutputSchema(
            new SchemaShape([SchemaShapes.Column("Image", new Microsoft.ML.Transforms.Image.ImageDataViewType()), SchemaShapes.Column(MeanColorTransformer.Area, TextDataViewType.Instance)]));

        Assert.Equal(NumberDataViewType.Int32, Assert.Single(promised, column => column.Name == MeanColorTransformer.Area).ItemType);
    }

    [Fact]
    public void Transform_ColumnOfThatNameThere_IsHidden()
    {
        var stage = CreateStage();
        var twice = stage.Transform(stage.Transform(new CountingTable(rows: 1)));

        Assert.Equal(twice.Schema.Count - 3, twice.Schema[MeanColorTransformer.Mean].Index);
        Assert.Single(twice.ReadVectors(MeanColorTransformer.Mean));
        Assert.Single(stage.Computed);
    }

    private static string FirstLine(Exception exception) => exception.Message.Split(" (Parameter")[0].Split('\n')[0];

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions(), [1f, 0.5f, 2f]);

    private MeanColorEstimator CreateEstimator() => new(_ml, new MeanColorOptions());
}
