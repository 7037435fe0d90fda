namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads one pickle into values, executing nothing.</summary>
/// <remarks>
/// What a global means comes from <see cref="TorchGlobals"/> alone; any other is a name without a meaning, and what the pickle would call or
/// build with it becomes a <see cref="PickleOpaque"/> that holds the arguments as data. Names that only an attack uses end the reading.
/// The machine has a stack and a memo and no recursion, so nesting costs what its bytes cost. Values are shared, never copied out, and
/// everything kept is charged to the budget.
/// </remarks>
internal sealed class PickleMachine
{
    private const int MaxProtocol = 5;
    private const int ListBytes = 24;
    private const int ItemBytes = 16;

    private readonly ByteSource _source;
    private readonly ByteReader _reader;
    private readonly ParseBudget _budget;
    private readonly TorchPickleCalls _calls;
    private readonly PickleStack _stack;
    private readonly PickleScalars _scalars;
    private readonly PickleObjects _objects;

    public PickleMachine(ByteSource source, ByteReader reader, ParseBudget budget, TorchPickleCalls calls)
    {
        (_source, _reader, _budget, _calls) = (source, reader, budget, calls);
        _stack = new PickleStack(source, reader, budget);
        _scalars = new PickleScalars(source, reader, budget);
        _objects = new PickleObjects(source, budget, calls, _stack, _scalars);
    }

    /// <summary>Reads up to and including the STOP opcode.</summary>
    /// <exception cref="WeightFileException">The pickle is damaged, or needs something other than plain data.</exception>
    public object? Read()
    {
        while (true)
        {
            var offset = _reader.Position;
            var opcode = (PickleOpcode)_reader.ReadByte();
            if (opcode == PickleOpcode.Stop)
            {
                var root = _stack.Pop(offset);
                return _stack.Count == 0 ? root : throw _stack.Damaged(offset, "ends with values left over");
            }

            if (_scalars.TryRead(opcode, offset, out var scalar))
            {
                _stack.Push(scalar);
            }
            else if (!BuildContainer(opcode, offset) && !Refer(opcode, offset) && !_objects.TryBuild(opcode, offset))
            {
                throw _source.Fail(
                    $"the pickle opcode 0x{(byte)opcode:X2} at offset {offset} is none that plain tensors need; it is refused. "
                    + "Save the state dict alone: torch.save(model.state_dict(), path).");
            }
        }
    }

    private bool BuildContainer(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: _stack.PushMark(); return true;
            case PickleOpcode.PopMark: _stack.PopToMark(offset); return true;
            case PickleOpcode.EmptyTuple: _stack.Push(Array.Empty<object?>()); return true;
            case PickleOpcode.Tuple1: PushTuple(1, offset); return true;
            case PickleOpcode.Tuple2: PushTuple(2, offset); return true;
            case PickleOpcode.Tuple3: PushTuple(3, offset); return true;
            case PickleOpcode.Tuple: _stack.Push(_stack.PopToMark(offset)); return true;
            case PickleOpcode.EmptyList: _stack.Push(NewList()); return true;
            case PickleOpcode.EmptyDict: _stack.Push(NewDict()); return true;
            case PickleOpcode.List: PushListFromMark(offset); return true;
            case PickleOpcode.Dict: PushDictFromMark(offset); return true;
            case PickleOpcode.Append: Append(_stack.Pop(offset), offset); return true;
            case PickleOpcode.Appends or PickleOpcode.AddItems: AppendAll(_stack.PopToMark(offset), offset); return true;
            case PickleOpcode.SetItem: SetItem(offset); return true;
            case PickleOpcode.SetItems: SetItems(_stack.PopToMark(offset), offset); return true;
            default: return false;
        }
    }

    private bool Refer(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: RequireProtocol(offset); return true;
            case PickleOpcode.Frame: _reader.Skip(sizeof(ulong)); return true;
            case PickleOpcode.Pop: _stack.PopValueOrMark(offset); return true;
            case PickleOpcode.Dup: _stack.Push(_stack.Peek(offset)); return true;
            case PickleOpcode.Memoize: _stack.Memoize(_stack.MemoCount, offset); return true;
            case PickleOpcode.BinPut: _stack.Memoize(_reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinPut: _stack.Memoize(_reader.ReadUInt32(), offset); return true;
            case PickleOpcode.BinGet: _stack.Recall(_reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinGet: _stack.Recall(_reader.ReadUInt32(), offset); return true;
            case PickleOpcode.BinPersId: _stack.Push(_calls.FindStorage(_stack.Pop(offset), offset)); return true;
            default: return false;
        }
    }

    private void PushTuple(int count, long offset)
    {
        _budget.Charge(count * ItemBytes, offset);
        var tuple = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            tuple[i] = _stack.Pop(offset);
        }

        _stack.Push(tuple);
    }

    private PickleList NewList()
    {
        _budget.Charge(ListBytes, _reader.Position);
        return [];
    }

    private PickleDict NewDict()
    {
        _budget.Charge(ListBytes, _reader.Position);
        return [];
    }

    private void PushListFromMark(long offset)
    {
        var list = NewList();
        list.AddRange(_stack.PopToMark(offset));
        _stack.Push(list);
    }

    private void PushDictFromMark(long offset)
    {
        var items = _stack.PopToMark(offset);
        _stack.Push(NewDict());
        SetItems(items, offset);
    }

    private void Append(object? value, long offset)
    {
        var list = _stack.Peek(offset) switch
        {
            PickleList known => known,
            PickleOpaque opaque => opaque.Elements ??= NewList(),
            _ => throw _stack.Damaged(offset, "appends to what is no list"),
        };

        _stack.Grow(list.Count, list.Capacity);
        list.Add(value);
    }

    private void AppendAll(object?[] values, long offset)
    {
        foreach (var value in values)
        {
            Append(value, offset);
        }
    }

    private void SetItem(long offset)
    {
        var value = _stack.Pop(offset);
        var key = _stack.Pop(offset);
        Set(key, value, offset);
    }

    private void SetItems(object?[] items, long offset)
    {
        if (items.Length % 2 != 0)
        {
            throw _stack.Damaged(offset, "sets a key without a value");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            Set(items[i], items[i + 1], offset);
        }
    }

    private void Set(object? key, object? value, long offset)
    {
        var dict = _stack.Peek(offset) switch
        {
            PickleDict known => known,
            PickleOpaque opaque => opaque.Items ??= NewDict(),
            _ => throw _stack.Damaged(offset, "sets an item of what is no dictionary"),
        };

        _stack.Grow(2 * dict.Count, 2 * dict.Capacity);
        dict.Add(new(key, value));
    }

    private void RequireProtocol(long offset)
    {
        var protocol = _reader.ReadByte();
        if (protocol > MaxProtocol)
        {
            throw _stack.Damaged(offset, $"is of protocol {protocol}; expected at most {MaxProtocol}");
        }
    }
}
