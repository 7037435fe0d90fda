using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads one pickle into values, executing nothing: its globals come from <see cref="TorchGlobals"/> alone.</summary>
/// <remarks>
/// The machine has a stack and a memo and no recursion, so nesting costs what its bytes cost. Values are shared, never copied out, and
/// everything kept is charged to the budget.
/// </remarks>
internal sealed class PickleMachine(ByteSource source, ByteReader reader, ParseBudget budget, TorchPickleCalls calls)
{
    // A reference, twice, for the larger array that a growing list moves into.
    private const int SlotBytes = 2 * sizeof(long);
    private const int MaxProtocol = 5;
    private const int MaxLineLength = 256;
    private const int MaxIntegerBytes = 64;

    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(i => (object)(long)i)];

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];

    /// <summary>Reads up to and including the STOP opcode.</summary>
    /// <exception cref="WeightFileException">The pickle is damaged, or asks for something that is no plain data.</exception>
    public object? Read()
    {
        while (true)
        {
            long offset = reader.Position;
            var opcode = (PickleOpcode)reader.ReadByte();
            if (opcode == PickleOpcode.Stop)
            {
                object? root = Pop(offset);
                return _stack.Count == 0 ? root : throw Damaged(offset, "ends with values left over");
            }

            if (!ReadScalar(opcode, offset) && !ReadText(opcode, offset) && !BuildContainer(opcode, offset) && !Refer(opcode, offset))
            {
                throw source.Fail(
                    $"the pickle opcode 0x{(byte)opcode:X2} at offset {offset} is none that plain tensors need; it is refused. "
                    + "Save the state dict alone: torch.save(model.state_dict(), path).");
            }
        }
    }

    private bool ReadScalar(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.None: Push(null); return true;
            case PickleOpcode.NewTrue: Push(True); return true;
            case PickleOpcode.NewFalse: Push(False); return true;
            case PickleOpcode.BinInt1: Push(SmallIntegers[reader.ReadByte()]); return true;
            case PickleOpcode.BinInt2: PushInteger(reader.ReadUInt16()); return true;
            case PickleOpcode.BinInt: PushInteger(reader.ReadInt32()); return true;
            case PickleOpcode.Long1: PushLong(reader.ReadByte(), offset); return true;
            case PickleOpcode.Long4: PushLong(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.Int: PushIntegerLine(offset); return true;
            case PickleOpcode.Long: PushIntegerLine(offset); return true;
            case PickleOpcode.BinFloat: PushBigEndianDouble(); return true;
            case PickleOpcode.Float: PushFloatLine(offset); return true;
            default: return false;
        }
    }

    private bool ReadText(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.ShortBinUnicode: Push(reader.ReadText(reader.ReadByte(), budget)); return true;
            case PickleOpcode.BinUnicode: Push(reader.ReadText(reader.ReadUInt32(), budget)); return true;
            case PickleOpcode.BinUnicode8: Push(reader.ReadText(reader.ReadUInt64(), budget)); return true;
            case PickleOpcode.ShortBinString: PushPython2String(reader.ReadByte(), offset); return true;
            case PickleOpcode.BinString: PushPython2String(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.ShortBinBytes: Push(reader.ReadArray(reader.ReadByte(), budget)); return true;
            case PickleOpcode.BinBytes: Push(reader.ReadArray(reader.ReadUInt32(), budget)); return true;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: Push(reader.ReadArray(reader.ReadUInt64(), budget)); return true;
            default: return false;
        }
    }

    private bool BuildContainer(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: PushMark(); return true;
            case PickleOpcode.PopMark: PopToMark(offset); return true;
            case PickleOpcode.EmptyTuple: Push(Array.Empty<object?>()); return true;
            case PickleOpcode.Tuple1: PushTuple(1, offset); return true;
            case PickleOpcode.Tuple2: PushTuple(2, offset); return true;
            case PickleOpcode.Tuple3: PushTuple(3, offset); return true;
            case PickleOpcode.Tuple: Push(PopToMark(offset)); return true;
            case PickleOpcode.EmptyList: Push(NewList()); return true;
            case PickleOpcode.EmptyDict: Push(NewDict()); return true;
            case PickleOpcode.List: PushListFromMark(offset); return true;
            case PickleOpcode.Dict: PushDictFromMark(offset); return true;
            case PickleOpcode.Append: Append(Pop(offset), offset); return true;
            case PickleOpcode.Appends: AppendAll(PopToMark(offset), offset); return true;
            case PickleOpcode.SetItem: SetItem(offset); return true;
            case PickleOpcode.SetItems: SetItems(PopToMark(offset), offset); return true;
            default: return false;
        }
    }

    private bool Refer(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: RequireProtocol(offset); return true;
            case PickleOpcode.Frame: reader.Skip(sizeof(ulong)); return true;
            case PickleOpcode.Pop: PopValueOrMark(offset); return true;
            case PickleOpcode.Dup: Push(Peek(offset)); return true;
            case PickleOpcode.Memoize: Memoize(_memo.Count, offset); return true;
            case PickleOpcode.BinPut: Memoize(reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinPut: Memoize(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.BinGet: Recall(reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinGet: Recall(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.Global: PushGlobal(ReadLine(offset), ReadLine(offset), offset); return true;
            case PickleOpcode.StackGlobal: PushStackGlobal(offset); return true;
            case PickleOpcode.BinPersId: Push(calls.FindStorage(Pop(offset), offset)); return true;
            case PickleOpcode.Reduce: Reduce(offset); return true;
            case PickleOpcode.Build: Build(offset); return true;
            default: return false;
        }
    }

    private void PushInteger(long value)
    {
        if (value is >= 0 and < 256)
        {
            Push(SmallIntegers[value]);
            return;
        }

        budget.Charge(sizeof(long), reader.Position);
        Push(value);
    }

    private void PushLong(uint byteCount, long offset)
    {
        if (byteCount > MaxIntegerBytes)
        {
            throw Damaged(offset, $"holds an integer of {byteCount} bytes");
        }

        var value = new BigInteger(reader.ReadArray(byteCount, budget));
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            PushInteger((long)value);
        }
        else
        {
            Push(value);
        }
    }

    private void PushIntegerLine(long offset)
    {
        string line = ReadLine(offset);
        if (line is "00" or "01")
        {
            Push(line == "01" ? True : False);
        }
        else if (long.TryParse(line.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            PushInteger(value);
        }
        else
        {
            throw Damaged(offset, "holds an integer that is none");
        }
    }

    private void PushBigEndianDouble()
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        reader.Read(bytes);
        budget.Charge(sizeof(double), reader.Position);
        Push(BinaryPrimitives.ReadDoubleBigEndian(bytes));
    }

    private void PushFloatLine(long offset)
    {
        if (!double.TryParse(ReadLine(offset), NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            throw Damaged(offset, "holds a number that is none");
        }

        budget.Charge(sizeof(double), offset);
        Push(value);
    }

    private void PushPython2String(uint byteCount, long offset)
    {
        byte[] bytes = reader.ReadArray(byteCount, budget);
        budget.ChargeText(bytes.Length, offset);
        Push(Encoding.Latin1.GetString(bytes));
    }

    private string ReadLine(long offset)
    {
        Span<char> line = stackalloc char[MaxLineLength];
        for (int length = 0; length < line.Length; length++)
        {
            char c = (char)reader.ReadByte();
            if (c == '\n')
            {
                budget.ChargeText(length, offset);
                return new string(line[..length]);
            }

            line[length] = c;
        }

        throw Damaged(offset, $"holds a line longer than {MaxLineLength} characters");
    }

    private void PushTuple(int count, long offset)
    {
        budget.Charge(count * SlotBytes, offset);
        var tuple = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            tuple[i] = Pop(offset);
        }

        Push(tuple);
    }

    private void PushMark()
    {
        Grow(_marks.Count, _marks.Capacity);
        _marks.Add(_stack.Count);
    }

    private object?[] PopToMark(long offset)
    {
        if (_marks.Count == 0)
        {
            throw Damaged(offset, "closes what was never opened");
        }

        int start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        budget.Charge((long)SlotBytes * (_stack.Count - start), offset);
        var values = new object?[_stack.Count - start];
        _stack.CopyTo(start, values, 0, values.Length);
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    private PickleList NewList()
    {
        budget.Charge(SlotBytes, reader.Position);
        return [];
    }

    private PickleDict NewDict()
    {
        budget.Charge(SlotBytes, reader.Position);
        return [];
    }

    private void PushListFromMark(long offset)
    {
        PickleList list = NewList();
        list.AddRange(PopToMark(offset));
        Push(list);
    }

    private void PushDictFromMark(long offset)
    {
        object?[] items = PopToMark(offset);
        Push(NewDict());
        SetItems(items, offset);
    }

    private void Append(object? value, long offset)
    {
        if (Peek(offset) is not PickleList list)
        {
            throw Damaged(offset, "appends to what is no list");
        }

        Grow(list.Count, list.Capacity);
        list.Add(value);
    }

    private void AppendAll(object?[] values, long offset)
    {
        foreach (object? value in values)
        {
            Append(value, offset);
        }
    }

    private void SetItem(long offset)
    {
        object? value = Pop(offset);
        object? key = Pop(offset);
        Set(key, value, offset);
    }

    private void SetItems(object?[] items, long offset)
    {
        if (items.Length % 2 != 0)
        {
            throw Damaged(offset, "sets a key without a value");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            Set(items[i], items[i + 1], offset);
        }
    }

    private void Set(object? key, object? value, long offset)
    {
        if (Peek(offset) is not PickleDict dict)
        {
            throw Damaged(offset, "sets an item of what is no dictionary");
        }

        Grow(2 * dict.Count, 2 * dict.Capacity);
        dict.Add(new(key, value));
    }

    private void RequireProtocol(long offset)
    {
        byte protocol = reader.ReadByte();
        if (protocol > MaxProtocol)
        {
            throw Damaged(offset, $"is of protocol {protocol}; expected at most {MaxProtocol}");
        }
    }

    private void PopValueOrMark(long offset)
    {
        if (_marks.Count > 0 && _marks[^1] == _stack.Count)
        {
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop(offset);
        }
    }

    private void Memoize(long index, long offset)
    {
        object? value = Peek(offset);
        while (_memo.Count <= index)
        {
            Grow(_memo.Count, _memo.Capacity);
            _memo.Add(null);
        }

        _memo[(int)index] = value;
    }

    private void Recall(long index, long offset)
    {
        if (index >= _memo.Count)
        {
            throw Damaged(offset, $"recalls value {index}, which it never kept");
        }

        Push(_memo[(int)index]);
    }

    private void PushStackGlobal(long offset)
    {
        object? name = Pop(offset);
        object? module = Pop(offset);
        if (module is not string moduleText || name is not string nameText
            || moduleText.Length > MaxLineLength || nameText.Length > MaxLineLength)
        {
            throw Damaged(offset, "names a global by what is no short text");
        }

        PushGlobal(moduleText, nameText, offset);
    }

    private void PushGlobal(string module, string name, long offset)
    {
        if (!TorchGlobals.TryResolve(module, name, out object? value))
        {
            throw source.Fail(
                $"asks for the Python global '{module}.{name}' (pickle at offset {offset}), which is no tensor, container, number or string. "
                + "It is refused, and nothing was executed. Save the state dict alone: torch.save(model.state_dict(), path).");
        }

        Push(value);
    }

    private void Reduce(long offset)
    {
        object? arguments = Pop(offset);
        object? callable = Pop(offset);
        if (callable is not PickleCallable known || arguments is not object?[] tuple)
        {
            throw Damaged(offset, "calls what cannot be called");
        }

        Push(calls.Call(known, tuple, offset));
    }

    private void Build(long offset)
    {
        object? state = Pop(offset);
        switch (Peek(offset))
        {
            case PickleDict:
                // The attributes of a state dict: the versions of its modules, which say nothing about values.
                break;
            case NumpyElementType type:
                type.BigEndian = state is object?[] { Length: > 1 } fields && fields[1] is ">";
                break;
            default:
                throw Damaged(offset, "sets the state of what has none");
        }
    }

    private void Push(object? value)
    {
        Grow(_stack.Count, _stack.Capacity);
        _stack.Add(value);
    }

    private object? Pop(long offset)
    {
        object? value = Peek(offset);
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek(long offset)
    {
        int floor = _marks.Count == 0 ? 0 : _marks[^1];
        return _stack.Count > floor ? _stack[^1] : throw Damaged(offset, "takes a value that is not there");
    }

    private void Grow(int count, int capacity)
    {
        // A list that is full doubles.
        if (count == capacity)
        {
            budget.Charge((long)SlotBytes * Math.Max(capacity, 4), reader.Position);
        }
    }

    private WeightFileException Damaged(long offset, string problem) =>
        source.Fail($"the pickle {problem} (opcode at offset {offset}); the file is damaged.");
}
