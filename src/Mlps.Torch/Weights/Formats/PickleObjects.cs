namespace Mlps.Torch.Weights.Formats;

/// <summary>The part of the pickle machine that names, calls and fills objects, and makes nothing of those it does not know.</summary>
internal sealed class PickleObjects(ByteSource source, ParseBudget budget, TorchPickleCalls calls, PickleStack stack, PickleScalars scalars)
{
    private const int ItemBytes = 16;
    private const int OpaqueBytes = 64;

    /// <summary>Executes an opcode that names, makes or fills an object; false where the opcode is another.</summary>
    public bool TryBuild(PickleOpcode opcode, long offset)
    {
        switch (opcode)
        {
            case PickleOpcode.Global: PushGlobal(scalars.ReadLine(offset), scalars.ReadLine(offset), offset); return true;
            case PickleOpcode.StackGlobal: PushStackGlobal(offset); return true;
            case PickleOpcode.Reduce: Reduce(offset); return true;
            case PickleOpcode.Build: Build(offset); return true;
            case PickleOpcode.NewObj: Reduce(offset); return true;
            case PickleOpcode.NewObjEx: NewObjectWithNames(offset); return true;
            case PickleOpcode.Obj: NewObjectFromMark(stack.PopToMark(offset), offset); return true;
            case PickleOpcode.Inst: NewInstance(offset); return true;
            case PickleOpcode.EmptySet: stack.Push(NewOpaque("builtins.set", [], offset)); return true;
            case PickleOpcode.FrozenSet: stack.Push(NewOpaque("builtins.frozenset", stack.PopToMark(offset), offset)); return true;
            default: return false;
        }
    }

    private void PushStackGlobal(long offset)
    {
        var name = stack.Pop(offset);
        var module = stack.Pop(offset);
        if (module is not string moduleText || name is not string nameText
            || moduleText.Length > PickleScalars.MaxLineLength || nameText.Length > PickleScalars.MaxLineLength)
        {
            throw stack.Damaged(offset, "names a global by what is no short text");
        }

        PushGlobal(moduleText, nameText, offset);
    }

    private void PushGlobal(string module, string name, long offset)
    {
        if (TorchGlobals.TryResolve(module, name, out var value))
        {
            stack.Push(value);
            return;
        }

        if (HostileGlobals.Contains(module, name))
        {
            throw source.Fail(
                $"asks for the Python global '{module}.{name}' (pickle at offset {offset}), which weights never need and attacks do. "
                + "It is refused, and nothing was executed. Do not load this file in Python either; get it from another source.");
        }

        budget.Charge(OpaqueBytes, offset);
        stack.Push(new UnknownGlobal(module, name));
    }

    private void Reduce(long offset)
    {
        var arguments = stack.Pop(offset);
        var callable = stack.Pop(offset);
        stack.Push(Call(callable, arguments, offset));
    }

    private void NewObjectWithNames(long offset)
    {
        var named = stack.Pop(offset);
        var arguments = stack.Pop(offset);
        var callable = stack.Pop(offset);
        var made = Call(callable, arguments, offset);
        if (made is PickleOpaque opaque)
        {
            opaque.State = named;
        }

        stack.Push(made);
    }

    private void NewObjectFromMark(object?[] items, long offset)
    {
        if (items.Length == 0)
        {
            throw stack.Damaged(offset, "calls what cannot be called");
        }

        budget.Charge(ItemBytes * (long)items.Length, offset);
        stack.Push(Call(items[0], items[1..], offset));
    }

    private void NewInstance(long offset)
    {
        PushGlobal(scalars.ReadLine(offset), scalars.ReadLine(offset), offset);
        var callable = stack.Pop(offset);
        stack.Push(Call(callable, stack.PopToMark(offset), offset));
    }

    private object? Call(object? callable, object? arguments, long offset)
    {
        if (arguments is not object?[] tuple)
        {
            throw stack.Damaged(offset, "calls what cannot be called");
        }

        return callable switch
        {
            PickleCallable known => calls.Call(known, tuple, offset),
            UnsupportedRebuild rebuild => calls.NewUnsupported(rebuild.Problem, offset),
            UnknownGlobal global => NewOpaque(TorchPickleCalls.NameOf(global, tuple), tuple, offset),
            PickleOpaque opaque => NewOpaque(opaque.Type, tuple, offset),
            _ => throw stack.Damaged(offset, "calls what cannot be called"),
        };
    }

    private PickleOpaque NewOpaque(string type, object?[] arguments, long offset)
    {
        budget.Charge(OpaqueBytes, offset);
        return new PickleOpaque(type) { Arguments = arguments };
    }

    private void Build(long offset)
    {
        var state = stack.Pop(offset);
        switch (stack.Peek(offset))
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
                throw stack.Damaged(offset, "sets the state of what has none");
        }
    }
}
