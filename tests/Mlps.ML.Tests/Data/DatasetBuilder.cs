using System.Text;
using Microsoft.ML;
using Mlps.Testing;

namespace Mlps.ML.Tests.Data;

/// <summary>Writes small datasets of three tissues, and breaks them.</summary>
internal sealed class DatasetBuilder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DatasetBuilder(bool manifest = true)
    {
        if (manifest)
        {
            File.WriteAllText(_folder.File("dataset.json"), $$"""{"name": "Test tissue", {{Classes.ToJson().Trim()[1..]}}""", Encoding.UTF8);
        }
    }

    public static TissueClasses Classes { get; } = new(
        [new("tumor", new(1, 2, 3)), new("stroma", new(4, 5, 6)), new("normal", new(7, 8, 9))],
        new("background", TissueColor.White));

    public static MLContext Context { get; } = new(seed: 1);

    public string Folder => _folder.Path;

    /// <summary>Adds an image whose pixel (x, y) is (x, y, 7).</summary>
    public DatasetBuilder Image(string path, int width = 6, int height = 4)
    {
        var samples = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            (samples[i * 3], samples[(i * 3) + 1], samples[(i * 3) + 2]) = ((byte)(i % width), (byte)(i / width), 7);
        }

        new PngBuilder { Width = width, Height = height, Samples = samples, ColorType = 2, Palette = [] }.Write(_folder.File(path));
        return this;
    }

    /// <summary>Adds a mask whose pixels have one index.</summary>
    public DatasetBuilder Mask(string path, byte index = 1, int width = 6, int height = 4)
    {
        new PngBuilder { Width = width, Height = height, Samples = [.. Enumerable.Repeat(index, width * height)], Palette = new byte[768] }.Write(_folder.File(path));
        return this;
    }

    public DatasetBuilder Text(string path, string contents)
    {
        File.WriteAllText(_folder.File(path), contents);
        return this;
    }

    public DatasetBuilder EmptyFolder(string path)
    {
        _folder.Folder(path);
        return this;
    }

    public string PathOf(string path) => _folder.File(path);

    public TissueDataset Open() => TissueDataset.Open(Folder);

    public void Dispose() => _folder.Dispose();
}

internal static class Rows
{
    /// <summary>A column of a table, read as ML.NET's own consumers do.</summary>
    public static List<T> Read<T>(IDataView table, string column, Random? random = null)
    {
        var values = new List<T>();
        using var cursor = table.GetRowCursor([table.Schema[column]], random);
        var getter = cursor.GetGetter<T>(table.Schema[column]);
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }

        return values;
    }

    public static List<string> ReadText(IDataView table, string column, Random? random = null) =>
        [.. Read<ReadOnlyMemory<char>>(table, column, random).Select(text => text.ToString())];
}
