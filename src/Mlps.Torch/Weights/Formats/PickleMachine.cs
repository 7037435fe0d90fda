namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads one pickle into values, executing nothing.</summary>
/// <remarks>
/// What a global means comes from <see cref="TorchGlobals"/> alone; any other is a name without a meaning, and what the pickle would call or
/// build with it becomes a <see cref="PickleOpaque"/> that holds the arguments as data. Names that only an attack uses end the reading.
/// The machine has a stack and a memo and no recursion, so nesting costs what its bytes cost. Values are shared, never copied out, and
/// everything kept is charged to the budget.
/// </remarks>
internal sealed class PickleMachine(ByteSource source, ByteReader reader, ParseBudget budget, TorchPickleCalls calls)
{
    private const int MaxProtocol = 5;
    private const int ListBytes = 24;
    private const int ItemBytes = 16;
    private const int OpaqueBytes = 64;

    private readonly PickleStack _stack = new(source, reader, budget);
    private readonly PickleScalars _scalars = new(source, reader, budget);

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
                object? root = _stack.Pop(offset);
                return _stack.Count == 0 ? root : throw _stack.Damaged(offset, "ends with values left over");
            }

            if (_scalars.TryRead(opcode, offset, out object? scalar))
            {
                _stack.Push(scalar);
            }
            else if (!BuildContainer(opcode, offset) && !Refer(opcode, offset) && !BuildObject(opcode, offset))
            {
                throw source.Fail(
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
            case PickleOpcode.Appends: AppendAll(_stack.PopToMark(offset), offset); return true;
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
            case PickleOpcode.Frame: reader.Skip(sizeof(ulong)); return true;
            case PickleOpcode.Pop: _stack.PopValueOrMark(offset); return true;
            case PickleOpcode.Dup: _stack.Push(_stack.Peek(offset)); return true;
            case PickleOpcode.Memoize: _stack.Memoize(_stack.MemoCount, offset); return true;
            case PickleOpcode.BinPut: _stack.Memoize(reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinPut: _stack.Memoize(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.BinGet: _stack.Recall(reader.ReadByte(), offset); return true;
            case PickleOpcode.LongBinGet: _stack.Recall(reader.ReadUInt32(), offset); return true;
            case PickleOpcode.Global: PushGlobal(_scalars.ReadLine(offset), _scalars.ReadLine(offset), offset); return true;
            case PickleOpcode.StackGlobal: PushStackGlobal(offset); return true;
            case PickleOpcode.BinPersId: _stack.Push(calls.FindStorage(_stack.Pop(offset), offset)); return true;
            default: return false;
        }
    }

    private bool BuildObject(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Reduce: Reduce(offset); return true;
            case PickleOpcode.Build: Build(offset); return true;
            case PickleOpcode.NewObj: Reduce(offset); return true;
            case PickleOpcode.NewObjEx: NewObjectWithNames(offset); return true;
            case PickleOpcode.Obj: NewObjectFromMark(_stack.PopToMark(offset), offset); return true;
            case PickleOpcode.Inst: NewInstance(offset); return true;
            case PickleOpcode.EmptySet: _stack.Push(NewOpaque("builtins.set", [], offset)); return true;
            case PickleOpcode.FrozenSet: _stack.Push(NewOpaque("builtins.frozenset", _stack.PopToMark(offset), offset)); return true;
            case PickleOpcode.AddItems: AppendAll(_stack.PopToMark(offset), offset); return true;
            default: return false;
        }
    }

    private void PushTuple(int count, long offset)
    {
        budget.Charge(count * ItemBytes, offset);
        var tuple = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            tuple[i] = _stack.Pop(offset);
        }

        _stack.Push(tuple);
    }

    private PickleList NewList()
    {
        budget.Charge(ListBytes, reader.Position);
        return [];
    }

    private PickleDict NewDict()
    {
        budget.Charge(ListBytes, reader.Position);
        return [];
    }

    private void PushListFromMark(long offset)
    {
        PickleList list = NewList();
        list.AddRange(_stack.PopToMark(offset));
        _stack.Push(list);
    }

    private void PushDictFromMark(long offset)
    {
        object?[] items = _stack.PopToMark(offset);
        _stack.Push(NewDict());
        SetItems(items, offset);
    }

    private void Append(object? value, long offset)
    {
        PickleList list = _stack.Peek(offset) switch
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
        foreach (object? value in values)
        {
            Append(value, offset);
        }
    }

    private void SetItem(long offset)
    {
        object? value = _stack.Pop(offset);
        object? key = _stack.Pop(offset);
        Set(key, value, offset);
    }

    private void SetItems(object?[] items, long offset)
    {
        if (items.Length % 2 != 0)
        {
            throw _stack.Damaged(offset, "sets a key without a value");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            Set(items[i], items[i + 1], offset);
        }
    }

    private void Set(object? key, object? value, long offset)
    {
        PickleDict dict = _stack.Peek(offset) switch
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
        byte protocol = reader.ReadByte();
        if (protocol > MaxProtocol)
        {
            throw _stack.Damaged(offset, $"is of protocol {protocol}; expected at most {MaxProtocol}");
        }
    }

    private void PushStackGlobal(long offset)
    {
        object? name = _stack.Pop(offset);
        object? module = _stack.Pop(offset);
        if (module is not string moduleText || name is not string nameText
            || moduleText.Length > PickleScalars.MaxLineLength || nameText.Length > PickleScalars.MaxLineLength)
        {
            throw _stack.Damaged(offset, "names a global by what is no short text");
        }

        PushGlobal(moduleText, nameText, offset);
    }

    private void PushGlobal(string module, string name, long offset)
    {
        if (TorchGlobals.TryResolve(module, name, out object? value))
        {
            _stack.Push(value);
            return;
        }

        if (HostileGlobals.Contains(module, name))
        {
            throw source.Fail(
                $"asks for the Python global '{module}.{name}' (pickle at offset {offset}), which weights never need and attacks do. "
                + "It is refused, and nothing was executed. Do not load this file in Python either; get it from another source.");
        }

        budget.Charge(OpaqueBytes, offset);
        _stack.Push(new UnknownGlobal(module, name));
    }

    private void Reduce(long offset)
    {
        object? arguments = _stack.Pop(offset);
        object? callable = _stack.Pop(offset);
        _stack.Push(Call(callable, arguments, offset));
    }

    private void NewObjectWithNames(long offset)
    {
        object? named = _stack.Pop(offset);
        object? arguments = _stack.Pop(offset);
        object? callable = _stack.Pop(offset);
        object? made = Call(callable, arguments, offset);
        if (made is PickleOpaque opaque)
        {
            opaque.State = named;
        }

        _stack.Push(made);
    }

    private void NewObjectFromMark(object?[] items, long offset)
    {
        if (items.Length == 0)
        {
            throw _stack.Damaged(offset, "calls what cannot be called");
        }

        budget.Charge(ItemBytes * (long)items.Length, offset);
        _stack.Push(Call(items[0], items[1..], offset));
    }

    private void NewInstance(long offset)
    {
        PushGlobal(_scalars.ReadLine(offset), _scalars.ReadLine(offset), offset);
        object? callable = _stack.Pop(offset);
        _stack.Push(Call(callable, _stack.PopToMark(offset), offset));
    }

    private object? Call(object? callable, object? arguments, long offset)
    {
        if (arguments is not object?[] tuple)
        {
            throw _stack.Damaged(offset, "calls what cannot be called");
        }

        return callable switch
        {
            PickleCallable known => calls.Call(known, tuple, offset),
            UnsupportedRebuild rebuild => calls.NewUnsupported(rebuild.Problem, offset),
            UnknownGlobal global => NewOpaque(TorchPickleCalls.NameOf(global, tuple), tuple, offset),
            PickleOpaque opaque => NewOpaque(opaque.Type, tuple, offset),
            _ => throw _stack.Damaged(offset, "calls what cannot be called"),
        };
    }

    private PickleOpaque NewOpaque(string type, object?[] arguments, long offset)
    {
        budget.Charge(OpaqueBytes, offset);
        return new PickleOpaque(type) { Arguments = arguments };
    }

    private void Build(long offset)
    {
        object? state = _stack.Pop(offset);
        switch (_stack.Peek(offset))
        {
            case PickleDict:
                // The attributes of a state dict: the versions of its modules, which say nothing about values.
                break;
            case NumpyElementType type:
                type.BigEndian = state is object?[] { Length: > 1 } fields && fields[1] is ">";
                break;
            case PickleOpaque opaque:
                opaque.State = state;
                break;
            case PickledTensor or UnsupportedTensor or UnknownGlobal:
                // Attributes that a program hung onto a tensor, a class or a function.
                break;
            default:
                throw _stack.Damaged(offset, "sets the state of what has none");
        }
    }
}
