namespace Mlps.Torch.Weights.Formats;

/// <summary>The stack, the marks and the memo of a pickle machine, charged to a budget as they grow.</summary>
internal sealed class PickleStack(ByteSource source, ByteReader reader, ParseBudget budget)
{
    // A reference, twice, for the larger array that a growing list moves into.
    private const int SlotBytes = 2 * sizeof(long);

    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];

    public int Count => _values.Count;

    public int MemoCount => _memo.Count;

    public void Push(object? value)
    {
        Grow(_values.Count, _values.Capacity);
        _values.Add(value);
    }

    public object? Pop(long offset)
    {
        var value = Peek(offset);
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>The topmost value; those below the last mark are out of reach.</summary>
    public object? Peek(long offset)
    {
        var floor = _marks.Count == 0 ? 0 : _marks[^1];
        return _values.Count > floor ? _values[^1] : throw Damaged(offset, "takes a value that is not there");
    }

    public void PushMark()
    {
        Grow(_marks.Count, _marks.Capacity);
        _marks.Add(_values.Count);
    }

    public object?[] PopToMark(long offset)
    {
        if (_marks.Count == 0)
        {
            throw Damaged(offset, "closes what was never opened");
        }

        var start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        budget.Charge((long)SlotBytes * (_values.Count - start), offset);
        var values = new object?[_values.Count - start];
        _values.CopyTo(start, values, 0, values.Length);
        _values.RemoveRange(start, values.Length);
        return values;
    }

    public void PopValueOrMark(long offset)
    {
        if (_marks.Count > 0 && _marks[^1] == _values.Count)
        {
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop(offset);
        }
    }

    /// <summary>Keeps the topmost value under a number.</summary>
    public void Memoize(long index, long offset)
    {
        var value = Peek(offset);
        while (_memo.Count <= index)
        {
            Grow(_memo.Count, _memo.Capacity);
            _memo.Add(null);
        }

        _memo[(int)index] = value;
    }

    /// <summary>Pushes the value that was kept under a number.</summary>
    public void Recall(long index, long offset)
    {
        if (index >= _memo.Count)
        {
            throw Damaged(offset, $"recalls value {index}, which it never kept");
        }

        Push(_memo[(int)index]);
    }

    /// <summary>Charges the larger array that a list of references moves into when it is full.</summary>
    public void Grow(int count, int capacity)
    {
        if (count == capacity)
        {
            budget.Charge((long)SlotBytes * Math.Max(capacity, 4), reader.Position);
        }
    }

    public WeightFileException Damaged(long offset, string problem) =>
        source.Fail($"the pickle {problem} (opcode at offset {offset}); the file is damaged.");
}
