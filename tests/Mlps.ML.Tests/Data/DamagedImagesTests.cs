using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class DamagedImagesTests : IDisposable
{
    private readonly DatasetBuilder _files = new DatasetBuilder().Image("train/a-[1 0 0].png").Image("train/b-[0 1 0].png").Image("train/c-[1 1 0].png");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Load_Skip_LeavesOutWhatCannotBeReadAndSaysSo()
    {
        CutShort("train/b-[0 1 0].png");
        var ml = new MLContext();
        var warnings = new List<string>();
        ml.Log += (_, entry) => warnings.Add(entry.Message);

        var table = _files.Open().Load(ml, DatasetSplit.Train, DamagedImages.Skip);

        Assert.Equal(["a-[1 0 0]", "c-[1 1 0]"], table.GetColumn<string>("Name"));
        Assert.Contains(warnings, message => message.Contains("left out", StringComparison.Ordinal) && message.Contains("b-[0 1 0].png", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_SkipWithDamageInAHeaderAndInPixels_LeavesOutBoth()
    {
        Spoil("train/a-[1 0 0].png", "empty");
        CutShort("train/b-[0 1 0].png");
        var damaged = new List<string>();

        var table = _files.Open().Load(new MLContext(), DatasetSplit.Train, patch => damaged.Add(patch.Patch.Name));

        Assert.Equal(["c-[1 1 0]"], table.GetColumn<string>("Name"));
        Assert.Equal(["a-[1 0 0]", "b-[0 1 0]"], damaged);
    }

    [Fact]
    public void Load_SkipWithManyDamaged_NamesTheFirstAndCountsAll()
    {
        const int Count = 25, Named = 20;
        for (var number = 0; number < Count; number++)
        {
            _files.Image($"train/d{number:00}-[1 0 0].png");
            CutShort($"train/d{number:00}-[1 0 0].png");
        }

        var ml = new MLContext();
        var warnings = new List<string>();
        ml.Log += (_, entry) => warnings.AddRange(entry.RawMessage.Contains("left out: ", StringComparison.Ordinal) ? [entry.RawMessage] : []);
        var damaged = new List<DamagedPatch>();

        var table = _files.Open().Load(ml, DatasetSplit.Train, damaged.Add);

        Assert.Equal(3, table.GetRowCount());
        Assert.Equal(Count, damaged.Count);
        Assert.Equal(Named + 1, warnings.Count);
        Assert.Contains("d19-[1 0 0].png", warnings[Named - 1], StringComparison.Ordinal);
        Assert.Contains("and 5 more, 25 of 28 in all", warnings[Named], StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfASplitWithDamage_IsMadeOnceUntilTheDamageIsRepaired()
    {
        var path = _files.PathOf("train/b-[0 1 0].png");
        var whole = File.ReadAllBytes(path);
        Spoil("train/b-[0 1 0].png", "empty");
        var dataset = _files.Open();

        var first = dataset.Report(DatasetSplit.Train);
        var second = dataset.Report(DatasetSplit.Train);
        File.WriteAllBytes(path, whole);

        Assert.Same(first, second);
        Assert.Equal(2, first.PatchCount);
        Assert.Equal(3, dataset.Patches(DatasetSplit.Train).Count);
    }

    [Fact]
    public void LeftOutReport_OfATrainingWithDamage_ListsIt()
    {
        CutShort("train/b-[0 1 0].png");
        var dataset = _files.Open();

        Cli.Output.LeftOutReport.Write(_files.PathOf("out"), dataset, [DatasetSplit.Train], dataset.FindDamaged(DatasetSplit.Train));

        using var report = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(_files.PathOf("out"), Cli.Output.LeftOutReport.FileName)));
        var file = Assert.Single(report.RootElement.GetProperty("leftOut").EnumerateArray());
        Assert.Equal("damaged", file.GetProperty("reason").GetString());
        Assert.EndsWith("b-[0 1 0].png", file.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Contains("ends after", file.GetProperty("explanation").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Fail_ThrowsWhenTheImageIsRead()
    {
        CutShort("train/b-[0 1 0].png");
        var table = _files.Open().Load(new MLContext(), DatasetSplit.Train);

        var error = Assert.ThrowsAny<Exception>(() => table.GetColumn<MLImage>("Image").ToArray());

        Assert.Contains("b-[0 1 0].png", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SkipWithNothingReadable_IsAnError()
    {
        foreach (var name in (string[])["train/a-[1 0 0].png", "train/b-[0 1 0].png", "train/c-[1 1 0].png"])
        {
            CutShort(name);
        }

        var error = Assert.Throws<TissueDataException>(() => _files.Open().Load(new MLContext(), DatasetSplit.Train, DamagedImages.Skip));

        Assert.Contains("None of its 3 images can be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindDamaged_WholeDataset_FindsNothing() => Assert.Empty(_files.Open().FindDamaged(DatasetSplit.Train));

    [Theory]
    [InlineData("empty")]
    [InlineData("dangling")]
    [InlineData("no image")]
    public void Load_HeaderCannotBeRead_IsSkippedLikeAnyOtherDamage(string damage)
    {
        Spoil("train/b-[0 1 0].png", damage);
        var dataset = _files.Open();

        var error = Assert.Throws<TissueDataException>(() => dataset.Load(new MLContext(), DatasetSplit.Train));
        Assert.Contains("b-[0 1 0].png", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a-[1 0 0]", "c-[1 1 0]"], dataset.Load(new MLContext(), DatasetSplit.Train, DamagedImages.Skip).GetColumn<string>("Name"));
        Assert.Equal("b-[0 1 0]", Assert.Single(dataset.FindDamaged(DatasetSplit.Train)).Patch.Name);
        Assert.Equal("b-[0 1 0]", Assert.Single(dataset.Report(DatasetSplit.Train).Damaged).Patch.Name);
        Assert.Equal(2, dataset.Report(DatasetSplit.Train).PatchCount);
        Assert.Equal([2, 1, 0], dataset.Report(DatasetSplit.Train).LabelCounts);
    }

    [Fact]
    public void Load_HeaderOfAMaskCannotBeRead_LeavesOutImageAndMask()
    {
        _files.Image("test/img/x.png").Mask("test/mask/x.png").Image("test/img/y.png").Mask("test/mask/y.png");
        Spoil("test/mask/x.png", "empty");
        var dataset = _files.Open();

        Assert.Equal(["y"], dataset.Load(new MLContext(), DatasetSplit.Test, DamagedImages.Skip).GetColumn<string>("Name"));
        Assert.Contains("mask", Assert.Single(dataset.FindDamaged(DatasetSplit.Test)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test/img/x.png")]
    [InlineData("test/mask/x.png")]
    public void Load_LinkThatLeadsNowhere_IsDamageAndNoMissingPartner(string path)
    {
        _files.Image("test/img/x.png").Mask("test/mask/x.png").Image("test/img/y.png").Mask("test/mask/y.png");
        Spoil(path, "dangling");
        var report = _files.Open().Report(DatasetSplit.Test);

        Assert.Contains(path, Assert.Single(report.Damaged).Reason, StringComparison.Ordinal);
        Assert.Empty(report.ImagesWithoutMask);
        Assert.Empty(report.MasksWithoutImage);
        Assert.Empty(report.LeftOut);
        Assert.Throws<TissueDataException>(() => _files.Open().Load(new MLContext(), DatasetSplit.Test));
    }

    [Fact]
    public void LoadImages_LinkThatLeadsNowhere_IsLeftOutAndListed()
    {
        _files.Image("images/a.png").Image("images/b.png");
        Spoil("images/b.png", "dangling");
        var folder = ImageFolder.Open(_files.PathOf("images"));

        Assert.Equal(["a"], NamesWithImages(folder.Load(new MLContext(), image => throw new InvalidOperationException(image.Reason))));
        Assert.True(Assert.Single(folder.LeftOut).IsFault);
    }

    [Fact]
    public void LoadImages_WithListener_LeavesOutDamagedImagesAndTellsOfThem()
    {
        _files.Image("images/a.png").Image("images/b.png").Image("images/c/d.png").Image("images/e.png").Image("images/f.png");
        Spoil("images/a.png", "empty");
        Spoil("images/c/d.png", "no image");
        CutShort("images/f.png");
        var damaged = new List<DamagedPatch>();

        var table = TissueDataset.LoadImages(new MLContext(), _files.PathOf("images"), damaged.Add);

        Assert.Equal(["b", "e"], NamesWithImages(table));
        Assert.Equal(["a", "c/d", "f"], damaged.Select(patch => patch.Patch.Name));
        Assert.All(damaged, patch => Assert.Contains(patch.Patch.ImagePath, patch.Reason, StringComparison.Ordinal));
        Assert.Null(table.GetRowCount());
        Assert.Equal(5, table.GetColumn<string>("Name").Count());
    }

    [Fact]
    public void LoadImages_WithListener_GivesEveryGetterAnImageOfItsOwn()
    {
        _files.Image("images/a.png").Image("images/b.png");
        var table = TissueDataset.LoadImages(new MLContext(), _files.PathOf("images"), static _ => { });
        using var cursor = table.GetRowCursor([table.Schema["Image"]]);
        var getter = cursor.GetGetter<MLImage>(table.Schema["Image"]);
        MLImage first = null!, second = null!;

        Assert.True(cursor.MoveNext());
        getter(ref first);
        getter(ref second);

        Assert.NotSame(first, second);
        Assert.Equal(first.Pixels.ToArray(), second.Pixels.ToArray());
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void LoadImages_WithListenerInParallel_GivesTheSameRows()
    {
        for (var i = 0; i < 50; i++)
        {
            _files.Image($"images/{i:d2}.png");
            if (i % 3 == 0)
            {
                CutShort($"images/{i:d2}.png");
            }
        }

        var damaged = new System.Collections.Concurrent.ConcurrentBag<string>();
        var table = TissueDataset.LoadImages(new MLContext(), _files.PathOf("images"), patch => damaged.Add(patch.Patch.Name));
        var names = new List<string>();
        foreach (var cursor in table.GetRowCursorSet(table.Schema, 3))
        {
            var name = cursor.GetGetter<ReadOnlyMemory<char>>(table.Schema["Name"]);
            ReadOnlyMemory<char> value = default;
            while (cursor.MoveNext())
            {
                name(ref value);
                names.Add(value.ToString());
            }

            cursor.Dispose();
        }

        Assert.Equal(33, names.Distinct().Count());
        Assert.Equal(17, damaged.Count);
        Assert.Empty(names.Intersect(damaged));
    }

    private void Spoil(string name, string damage)
    {
        var path = _files.PathOf(name);
        File.Delete(path);
        if (damage == "dangling")
        {
            File.CreateSymbolicLink(path, path + "-nowhere");
        }
        else
        {
            File.WriteAllText(path, damage == "empty" ? string.Empty : "Dear reader");
        }
    }

    private static List<string> NamesWithImages(IDataView table)
    {
        using var cursor = table.GetRowCursor(table.Schema);
        var name = cursor.GetGetter<ReadOnlyMemory<char>>(table.Schema["Name"]);
        var image = cursor.GetGetter<MLImage>(table.Schema["Image"]);
        var names = new List<string>();
        ReadOnlyMemory<char> text = default;
        MLImage picture = null!;
        while (cursor.MoveNext())
        {
            name(ref text);
            image(ref picture);
            Assert.Equal((6, 4), (picture.Width, picture.Height));
            names.Add(text.ToString());
        }

        picture.Dispose();
        return names;
    }

    /// <summary>The header stays, so that the size can be read.</summary>
    private void CutShort(string name)
    {
        var path = _files.PathOf(name);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
    }
}
