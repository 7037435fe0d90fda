using System.Globalization;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Rows that a stage computes together: it reads inputs and sets every requested output of every row.</summary>
/// <remarks>Inputs belong to the batch and are valid during <see cref="IStage.RunCompute"/> only. One thread at a time.</remarks>
internal sealed class RowBatch : IDisposable
{
    private readonly StageBindings _bindings;
    private readonly ColumnBuffer?[] _inputs;
    private readonly ColumnBuffer?[] _outputs;
    private readonly bool[,] _isSet;
    private readonly int[] _wanted;
    private IDisposable? _prepared;

    /// <param name="bindings">The stage on a schema.</param>
    /// <param name="inputs">A buffer per column of the input schema; null where it is not read.</param>
    /// <param name="wanted">Indices of the outputs to compute.</param>
    /// <param name="capacity">Rows, at most.</param>
    public RowBatch(StageBindings bindings, ColumnBuffer?[] inputs, IEnumerable<int> wanted, int capacity)
    {
        _bindings = bindings;
        _inputs = inputs;
        _wanted = [.. wanted];
        _outputs = new ColumnBuffer?[bindings.Outputs.Count];
        _isSet = new bool[bindings.Outputs.Count, capacity];
        Positions = new long[capacity];
        foreach (var output in _wanted)
        {
            _outputs[output] = ColumnBuffer.Create(bindings.Outputs[output].Type, capacity);
        }
    }

    /// <summary>Rows that fit into the batch.</summary>
    public int Capacity => Positions.Length;

    /// <summary>Rows in the batch.</summary>
    public int Count { get; internal set; }

    /// <summary>Position in the input of each row.</summary>
    internal long[] Positions { get; }

    /// <summary>Whether an optional input column exists in this table and is needed by a requested output.</summary>
    public bool Has(string input) => FindInput(input) is not null;

    /// <summary>Type of an input column, or null where it is optional and absent.</summary>
    public DataViewType? TypeOf(string input) => _bindings.InputColumn(input)?.Type;

    /// <summary>Whether a consumer requested an output column.</summary>
    public bool Wants(string output) => _outputs[_bindings.OutputIndex(output)] is not null;

    /// <summary>A row's image; the batch disposes it.</summary>
    /// <exception cref="RowException">The row has no image.</exception>
    public MLImage Image(string input, int row) =>
        Input<MLImage?>(input).Slots[Check(row)] ?? throw Error(row, $"there is no image in column '{input}'; give every row an image");

    /// <summary>Whether two rows have images of one size, or an input that is not read here.</summary>
    /// <remarks>A missing image is equal to any.</remarks>
    public bool HaveEqualSizes(string input, int first, int second) =>
        FindInput(input) is not ImageBuffer images || images.Slots[Check(first)] is not { } one || images.Slots[Check(second)] is not { } other
        || (one.Width == other.Width && one.Height == other.Height);

    /// <summary>Pixels of a row's image; 0 where it has none.</summary>
    public long PixelsOf(string input, int row) =>
        FindInput(input) is ImageBuffer images && images.Slots[Check(row)] is { } image ? (long)image.Width * image.Height : 0;

    /// <summary>A row's scalar.</summary>
    public T Value<T>(string input, int row) => Input<T>(input).Slots[Check(row)];

    /// <summary>A row's vector, with zeros written out.</summary>
    public ReadOnlySpan<T> Vector<T>(string input, int row)
    {
        ref readonly var vector = ref Input<VBuffer<T>>(input).Slots[Check(row)];
        return vector.IsDense ? vector.GetValues() : vector.DenseValues().ToArray();
    }

    /// <summary>Sets a row's scalar or image, which belongs to the batch from now on. Ignored if the column was not requested.</summary>
    public void Set<T>(string output, int row, T value)
    {
        var index = _bindings.OutputIndex(output);
        if (_outputs[index] is { } buffer)
        {
            Typed<T>(output, buffer).Replace(Check(row), value);
            _isSet[index, row] = true;
        }
    }

    /// <summary>Sets a row's vector.</summary>
    /// <remarks>Ignored if the column was not requested.</remarks>
    /// <param name="output">Name of the output column.</param>
    /// <param name="row">Index of the row in the batch.</param>
    /// <param name="values">The values; the array belongs to the batch from now on.</param>
    /// <exception cref="ArgumentException">The length is not that of the column's type.</exception>
    public void SetVector<T>(string output, int row, T[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (_bindings.Outputs[_bindings.OutputIndex(output)].Type is VectorDataViewType { IsKnownSize: true } type && type.Size != values.Length)
        {
            throw new ArgumentException($"Column '{output}' is {type} and was given {values.Length} values for {NameOf(row)}.", nameof(values));
        }

        Set(output, row, new VBuffer<T>(values.Length, values));
    }

    /// <summary>An exception that says which row a stage failed on.</summary>
    /// <param name="row">Index of the row in the batch.</param>
    /// <param name="what">What is wrong and what to do, without a full stop.</param>
    /// <param name="inner">The cause, or null.</param>
    public RowException Error(int row, string what, Exception? inner = null) => new($"{_bindings.StageName}, {NameOf(row)}: {what}.", inner);

    /// <summary>The row as messages call it: its name or path if the table has one, and its position counted from 0.</summary>
    public string NameOf(int row)
    {
        var position = string.Create(CultureInfo.InvariantCulture, $"row {Positions[Check(row)]}");
        var name = _bindings.NameColumn is { } column && _inputs[column.Index] is ScalarBuffer<ReadOnlyMemory<char>> names
            ? names.Slots[row].ToString() : "";
        return name.Length > 0 ? $"'{name}' ({position})" : position;
    }

    /// <summary>What <see cref="Prepare"/> made of the inputs, which belongs to the caller from now on; null if nothing.</summary>
    public T? TakePrepared<T>()
        where T : class, IDisposable
    {
        var prepared = _prepared as T;
        _prepared = null;
        return prepared;
    }

    /// <summary>Lets the stage make of the inputs what it computes with, on a thread that reads ahead.</summary>
    internal void Prepare()
    {
        DropPrepared();
        try
        {
            _prepared = _bindings.Stage.Prepare(this);
        }
        catch (Exception)
        {
            // The computation meets the same fault, and tells of it where the row is requested.
        }
    }

    /// <summary>Drops what <see cref="Prepare"/> made and nobody took.</summary>
    internal void DropPrepared()
    {
        _prepared?.Dispose();
        _prepared = null;
    }

    /// <summary>Computes the requested outputs of all rows.</summary>
    internal void Compute()
    {
        Array.Clear(_isSet);
        try
        {
            _bindings.Stage.RunCompute(this);
        }
        catch (Exception exception) when (exception is not (RowException or ObjectDisposedException or OperationCanceledException))
        {
            var rows = string.Join(", ", Enumerable.Range(0, Math.Min(Count, 3)).Select(NameOf)) + (Count > 3 ? $" and {Count - 3} more" : "");
            throw new RowException($"{_bindings.StageName} failed on {rows}: {exception.Message}", exception);
        }

        foreach (var output in _wanted)
        {
            for (var row = 0; row < Count; row++)
            {
                if (!_isSet[output, row])
                {
                    throw new InvalidOperationException($"{_bindings.StageName} did not set '{_bindings.Outputs[output].Name}' of {NameOf(row)}.");
                }
            }
        }
    }

    /// <summary>The results of a requested output.</summary>
    internal ColumnBuffer<T> Output<T>(int output) => Typed<T>(_bindings.Outputs[output].Name, Output(output));

    internal Delegate CreateGetter(int output, ICurrentRow row, Action prepare) => Output(output).CreateGetter(row, prepare);

    /// <summary>Drops the results.</summary>
    /// <remarks>Inputs belong to whoever made them.</remarks>
    public void Dispose()
    {
        DropPrepared();
        foreach (var output in _outputs)
        {
            output?.Dispose();
        }
    }

    private ColumnBuffer Output(int output) => _outputs[output] ?? throw new InvalidOperationException($"Column '{_bindings.Outputs[output].Name}' is not active.");

    private ColumnBuffer<T> Input<T>(string name) => Typed<T>(name, FindInput(name)
        ?? throw new InvalidOperationException($"{_bindings.StageName} reads '{name}', which no wanted output declares to need or the table lacks."));

    private ColumnBuffer? FindInput(string name) => _bindings.InputColumn(name) is { } column ? _inputs[column.Index] : null;

    private static ColumnBuffer<T> Typed<T>(string column, ColumnBuffer buffer) => buffer as ColumnBuffer<T>
        ?? throw new InvalidOperationException($"Column '{column}' does not hold {typeof(T)}.");

    private int Check(int row) => (uint)row < (uint)Positions.Length ? row : throw new ArgumentOutOfRangeException(nameof(row), row, $"The batch has {Count} rows.");
}
