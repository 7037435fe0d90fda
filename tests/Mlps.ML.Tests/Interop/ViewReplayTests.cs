using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;
using Mlps.ML.Tests.Interop.Fakes;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>A validation table gets the columns that earlier steps gave the training table.</summary>
public sealed class ViewReplayTests
{
    private readonly MLContext _ml = new();
    private readonly CountingTable _training = new(rows: 6);
    private readonly CountingTable _validation = new(rows: 3, size: _ => (8, 5));

    [Fact]
    public void TryReplay_OwnStages_AreAppliedToTheOtherTable()
    {
        using var first = CreateStage();
        using var second = new BrightnessTransformer(_ml);
        var produced = second.Transform(first.Transform(_training));

        Assert.True(ViewReplay.TryReplay(_ml, produced, _validation, ["Image", BrightnessTransformer.Column], out var result, out var reason), reason);

        Assert.Equal(second.Transform(first.Transform(_validation)).ReadVectors(BrightnessTransformer.Column), result.ReadVectors(BrightnessTransformer.Column));
        Assert.Equal(0, _training.Cursors);
    }

    [Fact]
    public void TryReplay_MLNetStepsBetween_AreAppliedToo()
    {
        using var stage = CreateStage();
        var chain = _ml.Transforms.ResizeImages("Image", 4, 4)
            .Append(_ml.Transforms.CopyColumns("Copy", "Number"))
            .Append(new Ready(stage))
            .Append(_ml.Transforms.CopyColumns("Renamed", MeanColorTransformer.Area));
        var produced = chain.Fit(_training).Transform(_training);

        Assert.True(ViewReplay.TryReplay(_ml, produced, _validation, ["Renamed"], out var result, out var reason), reason);

        using var cursor = result.OpenCursor("Renamed");
        var area = cursor.Getter<int>("Renamed");
        var value = 0;
        var rows = 0;
        while (cursor.MoveNext())
        {
            area(ref value);
            Assert.Equal(16, value);
            rows++;
        }

        Assert.Equal(3, rows);

        // A step that makes nothing of what is needed is left out: validation tables may lack its inputs.
        Assert.Null(result.Schema.GetColumnOrNull("Copy"));
    }

    /// <summary>Both sides of a split came through the steps before it.</summary>
    [Fact]
    public void TryRepeat_TableThatCameThroughTheSameSteps_IsNotTakenThroughThemAgain()
    {
        var mapped = _ml.Transforms.CustomMapping<Numbered, Numbered>((from, to) => to.Number = from.Number + 1, contractName: null).Fit(_training).Transform(_training);
        var produced = _ml.Transforms.ResizeImages("Image", 4, 4).Fit(mapped).Transform(_ml.Data.TakeRows(mapped, 4));

        Assert.True(ViewReplay.TryRepeat(_ml, produced, _ml.Data.SkipRows(mapped, 4), ["Image", "Number"], out var result, out var reason), reason);

        var size = (ImageDataViewType)result.Schema["Image"].Type;
        Assert.Equal((4, 4), (size.Height, size.Width));
        Assert.Equal(mapped.GetColumn<long>("Number").Skip(4), result.GetColumn<long>("Number"));
    }

    /// <summary>What a shared step made may have been dropped since; then it is made again.</summary>
    [Fact]
    public void TryRepeat_TableWithoutWhatTheSharedStepMade_IsTakenThroughItAgain()
    {
        using var first = CreateStage();
        using var second = new BrightnessTransformer(_ml);
        var made = first.Transform(_training);
        var lean = _ml.Transforms.SelectColumns("Name", "Image").Fit(made).Transform(_ml.Data.SkipRows(made, 4));

        Assert.True(ViewReplay.TryRepeat(_ml, second.Transform(made), lean, ["Image", BrightnessTransformer.Column], out var result, out var reason), reason);

        Assert.Equal(second.Transform(made).ReadVectors(BrightnessTransformer.Column).Skip(4), result.ReadVectors(BrightnessTransformer.Column));
    }

    /// <summary>Of the shared steps, those that replaced a column which is still there are not applied again.</summary>
    [Fact]
    public void TryRepeat_OneSharedStepDropped_LeavesTheOthersAsTheyAre()
    {
        using var first = CreateStage();
        using var second = new BrightnessTransformer(_ml);
        var mapped = _ml.Transforms.CustomMapping<Numbered, Numbered>((from, to) => to.Number = from.Number + 1, contractName: null).Fit(_training).Transform(_training);
        var made = first.Transform(mapped);
        var lean = _ml.Transforms.SelectColumns("Name", "Image", "Number").Fit(made).Transform(made);

        Assert.True(ViewReplay.TryRepeat(_ml, second.Transform(made), lean, ["Number", BrightnessTransformer.Column], out var result, out var reason), reason);

        Assert.Equal(mapped.GetColumn<long>("Number"), result.GetColumn<long>("Number"));
    }

    [Fact]
    public void TryReplay_FiltersShufflesAndCaches_DropNoRows()
    {
        using var stage = CreateStage();
        var taken = _ml.Data.TakeRows(_training, 2);
        var produced = _ml.Data.Cache(_ml.Data.SkipRows(_ml.Data.ShuffleRows(stage.Transform(taken)), 1));

        Assert.True(ViewReplay.TryReplay(_ml, produced, _validation, [MeanColorTransformer.Mean], out var result, out var reason), reason);

        Assert.Equal(3, result.ReadVectors(MeanColorTransformer.Mean).Length);
    }

    [Fact]
    public void TryReplay_TableHasTheColumns_IsGivenBack()
    {
        Assert.True(ViewReplay.TryReplay(_ml, CreateStage().Transform(_training), _validation, ["Image", "Name"], out var result, out _));

        Assert.Same(_validation, result);
    }

    [Fact]
    public void TryReplay_ColumnOnlyInTheRawTable_IsKept()
    {
        using var stage = CreateStage();
        var raw = _ml.Transforms.CopyColumns("Mask", "Number").Fit(_validation).Transform(_validation);

        Assert.True(ViewReplay.TryReplay(_ml, stage.Transform(_training), raw, [MeanColorTransformer.Mean, "Mask"], out var result, out var reason), reason);

        Assert.NotNull(result.Schema.GetColumnOrNull("Mask"));
        Assert.Equal(3, result.ReadVectors(MeanColorTransformer.Mean).Length);
    }

    [Fact]
    public void TryReplay_RawTableLacksTheFirstInput_SaysWhich()
    {
        var noImages = _ml.Data.LoadFromEnumerable([new { Name = "a" }]);

        Assert.False(ViewReplay.TryReplay(_ml, CreateStage().Transform(_training), noImages, [MeanColorTransformer.Mean], out var result, out var reason));

        Assert.Null(result);
        Assert.Contains("Column 'Image' of type Image is missing", reason, StringComparison.Ordinal);
        Assert.Contains("CountingTable does not say what it was made from", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TryReplay_RowNamesMissingFromTheRawTable_DoesNotMatter()
    {
        using var stage = CreateStage();
        var nameless = _ml.Transforms.DropColumns("Name").Fit(_validation).Transform(_validation);

        Assert.True(ViewReplay.TryReplay(_ml, stage.Transform(_training), nameless, [MeanColorTransformer.Mean], out var result, out var reason), reason);

        Assert.Equal(3, result.ReadVectors(MeanColorTransformer.Mean).Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryReplay_OptionalInput_IsMadeWhereItCanBe(bool canBeMade)
    {
        using var stage = CreateStage();
        var first = stage.Transform(_training);
        var tinted = _ml.Transforms.CustomMapping<Numbered, Tinted>((_, row) => row.Tint = [1, 1, 1], null).Fit(first).Transform(first);
        var produced = stage.Transform(tinted);
        var raw = canBeMade ? _validation : _ml.Transforms.DropColumns("Number").Fit(_validation).Transform(_validation);

        Assert.True(ViewReplay.TryReplay(_ml, produced, raw, [MeanColorTransformer.Mean], out var result, out var reason), reason);

        var plain = stage.Transform(_validation).ReadVectors(MeanColorTransformer.Mean);
        TableReading.AssertClose([.. plain[2].Select(value => value + (canBeMade ? 1 : 0))], result.ReadVectors(MeanColorTransformer.Mean)[2]);
    }

    [Fact]
    public void TryReplay_OpaqueTable_SaysSo()
    {
        IDataView opaque = new Opaque(CreateStage().Transform(_training));

        Assert.False(ViewReplay.TryReplay(_ml, opaque, _validation, [MeanColorTransformer.Mean], out _, out var reason));

        Assert.Contains("Column 'MeanColor' of type Vector<Single, 3> is missing", reason, StringComparison.Ordinal);
        Assert.Contains("Opaque", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TryReplay_ColumnInNeitherTable_SaysSo()
    {
        Assert.False(ViewReplay.TryReplay(_ml, CreateStage().Transform(_training), _validation, ["Nothing"], out _, out var reason));

        Assert.Equal("Column 'Nothing' is in neither table.", reason);
    }

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions(), [1f, 0.5f, 2f]);

    /// <summary>An estimator that has learned already.</summary>
    private sealed class Ready(MeanColorTransformer transformer) : IEstimator<MeanColorTransformer>
    {
        public MeanColorTransformer Fit(IDataView input) => transformer;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
            SchemaShapes.Extend(new MLContext(), inputSchema, [], SchemaShapes.Column(MeanColorTransformer.Area, NumberDataViewType.Int32));
    }

    private sealed class Numbered
    {
        public long Number { get; set; }
    }

    private sealed class Tinted
    {
        [VectorType(3)]
        public float[] Tint { get; set; } = [];
    }

    private sealed class Opaque(IDataView inner) : IDataView
    {
        public bool CanShuffle => inner.CanShuffle;

        public DataViewSchema Schema => inner.Schema;

        public long? GetRowCount() => inner.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => inner.GetRowCursor(columnsNeeded, rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => inner.GetRowCursorSet(columnsNeeded, n, rand);
    }
}
