using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class PatchTableTests
{
    private static readonly MLContext Context = DatasetBuilder.Context;

    [Fact]
    public void Schema_Train_HasTheColumnsOfTheContract()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");

        var schema = files.Open().Load(Context, DatasetSplit.Train).Schema;

        Assert.Equal([TissueColumns.Name, TissueColumns.ImagePath, TissueColumns.Source, TissueColumns.Image, TissueColumns.Label], schema.Select(column => column.Name));
        Assert.Equal(TextDataViewType.Instance, schema[TissueColumns.Name].Type);
        var image = Assert.IsType<ImageDataViewType>(schema[TissueColumns.Image].Type);
        Assert.Equal((4, 6), (image.Height, image.Width));
        Assert.Equal(new VectorDataViewType(BooleanDataViewType.Instance, 3), schema[TissueColumns.Label].Type);
        Assert.Equal(["tumor", "stroma", "normal"], Names(schema[TissueColumns.Label], "SlotNames"));
    }

    [Fact]
    public void Schema_Test_HasTheMaskWithClassNames()
    {
        using var files = new DatasetBuilder().Image("test/img/a.png").Mask("test/mask/a.png");

        var schema = files.Open().Load(Context, DatasetSplit.Test).Schema;

        Assert.Equal([TissueColumns.Name, TissueColumns.ImagePath, TissueColumns.Source, TissueColumns.Image, TissueColumns.Mask], schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 4, 6), schema[TissueColumns.Mask].Type);
        Assert.Equal(["tumor", "stroma", "normal"], Names(schema[TissueColumns.Mask], TissueColumns.ClassesAnnotation));
    }

    [Fact]
    public void Rows_Train_HoldNamePathImageAndLabel()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 1].png").Image("train/b-[0 1 0].png");

        var table = files.Open().Load(Context, DatasetSplit.Train);

        Assert.Equal(2, table.GetRowCount());
        Assert.Equal(["a-[1 0 1]", "b-[0 1 0]"], Rows.ReadText(table, TissueColumns.Name));
        Assert.Equal(files.PathOf("train/b-[0 1 0].png"), Rows.ReadText(table, TissueColumns.ImagePath)[1]);
        Assert.Equal([true, false, true], Rows.Read<VBuffer<bool>>(table, TissueColumns.Label)[0].DenseValues());
        using var image = Rows.Read<MLImage>(table, TissueColumns.Image)[0];
        var planes = new byte[3 * 4 * 6];
        ImagePixels.CopyRgb(image, planes);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (byte)(i % 6)), planes[..24]);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (byte)(i / 6)), planes[24..48]);
        Assert.All(planes[48..], value => Assert.Equal(7, value));
    }

    [Fact]
    public void Rows_Validation_HoldMaskIndices()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/a.png", index: 3).Image("val/img/b.png").Mask("val/mask/b.png", index: 0);

        var masks = Rows.Read<VBuffer<byte>>(files.Open().Load(Context, DatasetSplit.Validation), TissueColumns.Mask);

        Assert.Equal(Enumerable.Repeat((byte)3, 24), masks[0].DenseValues());
        Assert.Equal(Enumerable.Repeat((byte)0, 24), masks[1].DenseValues());
    }

    [Fact]
    public void Rows_MaskIndexAboveBackground_NamesFilePixelAndIndex()
    {
        using var files = new DatasetBuilder().Image("val/img/a.png").Mask("val/mask/a.png", index: 4);
        var table = files.Open().Load(Context, DatasetSplit.Validation);

        var exception = Assert.Throws<TissueDataException>(() => Rows.Read<VBuffer<byte>>(table, TissueColumns.Mask));

        Assert.Equal(files.PathOf("val/mask/a.png"), exception.FilePath);
        Assert.Contains("(0, 0)", exception.Rule, StringComparison.Ordinal);
        Assert.Contains("index 4", exception.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_DamagedImage_IsFoundOnlyWhenTheImageIsAskedFor()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");
        var path = files.PathOf("train/a-[1 0 0].png");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
        var table = files.Open().Load(Context, DatasetSplit.Train);

        Assert.Equal(["a-[1 0 0]"], Rows.ReadText(table, TissueColumns.Name));
        Assert.Single(Rows.Read<VBuffer<bool>>(table, TissueColumns.Label));
        Assert.Equal(path, Assert.Throws<TissueDataException>(() => Rows.Read<MLImage>(table, TissueColumns.Image)).FilePath);
    }

    [Fact]
    public void Rows_ImageReplacedByOneOfAnotherSize_IsAnError()
    {
        using var files = new DatasetBuilder().Image("train/a-[1 0 0].png");
        var table = files.Open().Load(Context, DatasetSplit.Train);
        files.Image("train/a-[1 0 0].png", width: 7);

        Assert.Contains("7 x 4", Assert.Throws<TissueDataException>(() => Rows.Read<MLImage>(table, TissueColumns.Image)).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Shuffle_SameSeed_GivesTheSameOrderWithIdsThatFollowTheRows()
    {
        using var files = Patches(50);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        var plain = Rows.ReadText(table, TissueColumns.Name);

        var first = Rows.ReadText(table, TissueColumns.Name, new Random(3));
        var second = Rows.ReadText(table, TissueColumns.Name, new Random(3));

        Assert.True(table.CanShuffle);
        Assert.Equal(first, second);
        Assert.NotEqual(plain, first);
        Assert.Equal(plain, first.Order(StringComparer.Ordinal));
        Assert.Equal(first, RowIds(table, new Random(3)).Select(id => plain[(int)id]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(99)]
    public void CursorSet_AllMembersTogether_GiveEveryRowOnceInBatchesOfTheirOwn(int members)
    {
        using var files = Patches(50);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        var column = table.Schema[TissueColumns.Name];

        var cursors = table.GetRowCursorSet([column], members);
        var rows = new List<(int Member, long Batch, string Name)>();
        for (var member = 0; member < cursors.Length; member++)
        {
            using var cursor = cursors[member];
            var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
            for (var position = 0; cursor.MoveNext(); position++)
            {
                ReadOnlyMemory<char> name = default;
                getter(ref name);
                Assert.Equal(position, cursor.Position);
                rows.Add((member, cursor.Batch, name.ToString()));
            }

            Assert.False(cursor.MoveNext());
            Assert.Equal(-1, cursor.Position);
        }

        Assert.All(rows.GroupBy(row => row.Batch), batch => Assert.Single(batch.Select(row => row.Member).Distinct()));
        Assert.Equal(Rows.ReadText(table, TissueColumns.Name), rows.OrderBy(row => row.Batch).Select(row => row.Name));
    }

    [Fact]
    public void Cursors_SideBySide_DoNotDisturbEachOther()
    {
        using var files = Patches(20);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        var names = Rows.ReadText(table, TissueColumns.Name);

        Parallel.For(0, 8, _ =>
        {
            Assert.Equal(names, Rows.ReadText(table, TissueColumns.Name));
            foreach (var image in Rows.Read<MLImage>(table, TissueColumns.Image))
            {
                image.Dispose();
            }
        });
    }

    [Fact]
    public void Getter_ColumnNotAskedFor_NamesTheColumn()
    {
        using var files = Patches(1);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        using var cursor = table.GetRowCursor([table.Schema[TissueColumns.Name]]);

        Assert.False(cursor.IsColumnActive(table.Schema[TissueColumns.Image]));
        Assert.Contains("'Image'", Assert.Throws<ArgumentException>(() => cursor.GetGetter<MLImage>(table.Schema[TissueColumns.Image])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Getter_WrongType_NamesColumnAndTypes()
    {
        using var files = Patches(1);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        using var cursor = table.GetRowCursor(table.Schema);

        var message = Assert.Throws<ArgumentException>(() => cursor.GetGetter<float>(table.Schema[TissueColumns.Label])).Message;

        Assert.Contains("'Label'", message, StringComparison.Ordinal);
        Assert.Contains("Single", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Getter_BeforeMoveNext_Fails()
    {
        using var files = Patches(1);
        var table = files.Open().Load(Context, DatasetSplit.Train);
        using var cursor = table.GetRowCursor(table.Schema);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(table.Schema[TissueColumns.Name]);
        ReadOnlyMemory<char> name = default;

        Assert.Throws<InvalidOperationException>(() => getter(ref name));
    }

    [Fact]
    public void Table_GoesThroughMLNetsOwnTransforms()
    {
        using var files = Patches(40);
        var table = files.Open().Load(Context, DatasetSplit.Train);

        var filtered = Context.Data.TakeRows(Context.Data.SkipRows(table, 5), 30);
        var pixels = Context.Transforms.ResizeImages("Small", 3, 2, TissueColumns.Image).Append(Context.Transforms.ExtractPixels("Pixels", "Small")).Fit(filtered).Transform(filtered);

        var values = Rows.Read<VBuffer<float>>(pixels, "Pixels");
        Assert.Equal(30, values.Count);
        Assert.All(values, value => Assert.Equal(Enumerable.Repeat(7f, 6), value.DenseValues().TakeLast(6)));
    }

    private static DatasetBuilder Patches(int count)
    {
        var files = new DatasetBuilder();
        for (var i = 0; i < count; i++)
        {
            files.Image($"train/{i:D3}-[1 {i % 2} 0].png");
        }

        return files;
    }

    private static List<ulong> RowIds(IDataView table, Random random)
    {
        using var cursor = table.GetRowCursor([], random);
        var getter = cursor.GetIdGetter();
        var ids = new List<ulong>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getter(ref id);
            ids.Add(id.Low);
        }

        return ids;
    }

    private static IEnumerable<string> Names(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(kind, ref names);
        return names.DenseValues().Select(name => name.ToString());
    }
}
