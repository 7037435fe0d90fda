// MODEL ROWS WIDTH HEIGHT COLUMN...
// Loads a model, applies it to a table of images, and prints a line for each row and column: COLUMN ROW VALUES, numbers in round-trip format.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.LoadProbe;

static bool IsMlpsLoaded() => AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name is "Mlps.ML" or "Mlps.ML.Tests");

var rows = int.Parse(args[1], CultureInfo.InvariantCulture);
var width = int.Parse(args[2], CultureInfo.InvariantCulture);
var height = int.Parse(args[3], CultureInfo.InvariantCulture);
var ml = new MLContext();

// The attribute for images insists on a size; a property without it is of the type that is registered for images as such.
DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
var table = ml.Data.LoadFromEnumerable(
    Enumerable.Range(0, rows).Select(row => new Patch { Name = $"patch {row}", Image = TestImages.Create(row, width, height) }));

Console.WriteLine($"loaded before: {IsMlpsLoaded()}");
var model = ml.Model.Load(args[0], out _);
Console.WriteLine($"loaded after: {IsMlpsLoaded()}");

var predicted = model.Transform(table);
foreach (var name in args[4..])
{
    var column = predicted.Schema[name];
    using var cursor = predicted.GetRowCursor([column]);
    var vector = column.Type is VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } && raw == typeof(float)
        ? cursor.GetGetter<VBuffer<float>>(column)
        : Convert(column.Type is VectorDataViewType ? cursor.GetGetter<VBuffer<byte>>(column) : throw new NotSupportedException($"{name} is {column.Type}"));
    VBuffer<float> values = default;
    while (cursor.MoveNext())
    {
        vector(ref values);
        Console.WriteLine($"{name} {cursor.Position} {string.Join(' ', values.DenseValues().Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}");
    }
}

static ValueGetter<VBuffer<float>> Convert(ValueGetter<VBuffer<byte>> source)
{
    VBuffer<byte> bytes = default;
    return (ref VBuffer<float> value) =>
    {
        source(ref bytes);
        float[] numbers = [.. bytes.DenseValues().Select(number => (float)number)];
        value = new VBuffer<float>(numbers.Length, numbers);
    };
}

internal sealed class Patch
{
    public string Name { get; set; } = "";

    public MLImage? Image { get; set; }
}
