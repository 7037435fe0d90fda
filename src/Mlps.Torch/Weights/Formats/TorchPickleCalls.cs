using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>What the few known callables of a PyTorch pickle make of their arguments: descriptions of tensors, and plain values.</summary>
internal sealed class TorchPickleCalls(ByteSource source, ParseBudget budget)
{
    /// <summary>Longest storage key that is taken; PyTorch's own are numbers.</summary>
    public const int MaxKeyLength = 128;

    // These make an object of the class that is their first argument.
    private static readonly string[] Makers =
    [
        "copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__",
        "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
    ];

    /// <summary>Every storage that the pickle mentions, by its key.</summary>
    public Dictionary<string, TensorStorage> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>Resolves a persistent id: ("storage", class, key, device, element count[, view]), or ("module", class, file, source).</summary>
    public object? FindStorage(object? id, long offset)
    {
        if (id is object?[] { Length: 4 } module && module[0] is "module")
        {
            // Old files of whole networks keep the source of their classes, which nothing here reads.
            return module[1];
        }

        if (id is not object?[] { Length: 5 or 6 } fields
            || fields[0] is not "storage"
            || fields[1] is not StorageClass storageClass
            || fields[2] is not string { Length: <= MaxKeyLength } key
            || fields[4] is not >= 0L)
        {
            throw Damaged(offset, "a storage is described otherwise than PyTorch does");
        }

        var count = (long)fields[4]!;
        if (count > source.Length)
        {
            throw source.Fail(
                $"the storage '{key}' (pickle at offset {offset}) should hold {count} elements, more than the file has bytes ({source.Length}); "
                + "the file is truncated or damaged.");
        }

        if (!Storages.TryGetValue(key, out var storage))
        {
            budget.Charge(160, offset);
            storage = new TensorStorage(key, storageClass, count);
            Storages.Add(key, storage);
        }
        else if (storage.Type != storageClass.Type || storage.ElementSize != storageClass.ElementSize || storage.ElementCount != count)
        {
            throw Damaged(offset, $"the storage '{key}' is described in two ways");
        }

        budget.Charge(64, offset);
        return fields.Length == 6 && fields[5] is not null ? FindView(storage, fields[5], offset) : new StorageView(storage, 0, count);
    }

    public object? Call(PickleCallable callable, object?[] arguments, long offset) => callable switch
    {
        PickleCallable.OrderedDict => NewDict(arguments, offset),
        PickleCallable.RebuildTensorV1 => RebuildTensor(arguments, 4, offset),
        PickleCallable.RebuildTensorV2 => RebuildTensor(arguments, 6, offset),
        PickleCallable.RebuildTensorV3 => RebuildTensor(arguments, 7, offset),
        PickleCallable.RebuildParameter when arguments is [PickledTensor or UnsupportedTensor or PickleOpaque, ..] => arguments[0],
        PickleCallable.RebuildFromType when arguments is [_, _, object?[], ..] => RebuildFromType(arguments[0], arguments[1], (object?[])arguments[2]!, offset),
        PickleCallable.Size when arguments is [object?[] or PickleList] => arguments[0],
        PickleCallable.Device when arguments is [string device, ..] => device,
        PickleCallable.Bytes when arguments is [] => Array.Empty<byte>(),
        PickleCallable.Bytes when arguments is [byte[] bytes] => bytes,
        PickleCallable.CodecsEncode when arguments is [string text, "latin1" or "latin-1"] => Encode(text, offset),
        PickleCallable.NumpyDType when arguments is [string code, ..] => NewElementType(code, offset),
        PickleCallable.NumpyScalar when arguments is [NumpyElementType type, byte[] bytes] => ToNumber(type, bytes, offset),
        PickleCallable.Size or PickleCallable.Device or PickleCallable.Bytes or PickleCallable.CodecsEncode
            or PickleCallable.NumpyDType or PickleCallable.NumpyScalar => NewOpaque(callable.ToString(), arguments, offset),
        _ => throw Damaged(offset, $"{callable} is called with arguments that it does not take"),
    };

    /// <summary>The class of the object that calling a global would make, as far as its name tells.</summary>
    public static string NameOf(UnknownGlobal global, object?[] arguments) => arguments switch
    {
        [UnknownGlobal made, ..] when Makers.Contains(global.FullName) => made.FullName,
        _ when global.Module == "__builtin__" => $"builtins.{global.Name}",
        _ => global.FullName,
    };

    public UnsupportedTensor NewUnsupported(string problem, long offset)
    {
        budget.Charge(32, offset);
        return new UnsupportedTensor(problem);
    }

    private PickleOpaque NewOpaque(string type, object?[] arguments, long offset)
    {
        budget.Charge(64, offset);
        return new PickleOpaque(type) { Arguments = arguments };
    }

    /// <summary>A tensor of a subclass is the tensor within: (function, class, arguments, attributes).</summary>
    private object? RebuildFromType(object? function, object? type, object?[] arguments, long offset) => function switch
    {
        PickleCallable.RebuildFromType => throw Damaged(offset, "a tensor is described otherwise than PyTorch does"),
        PickleCallable known => Call(known, arguments, offset),
        UnsupportedRebuild rebuild => NewUnsupported(rebuild.Problem, offset),
        _ => NewUnsupported($"is of the class {(type as UnknownGlobal)?.FullName ?? "of another program"}; save a plain tensor", offset),
    };

    private StorageView FindView(TensorStorage storage, object? view, long offset)
    {
        if (view is not object?[] { Length: 3 } fields
            || fields[1] is not long first || fields[2] is not long count
            || first < 0 || count < 0 || first > storage.ElementCount || count > storage.ElementCount - first)
        {
            throw Damaged(offset, $"a view lies outside its storage '{storage.Key}'");
        }

        return new StorageView(storage, first, count);
    }

    private PickleDict NewDict(object?[] arguments, long offset)
    {
        budget.Charge(64, offset);
        var dict = new PickleDict();
        switch (arguments)
        {
            case []:
                return dict;
            case [PickleList pairs]:
                // Python 2 hands the items over as a list of pairs.
                budget.Charge(48L * pairs.Count, offset);
                foreach (var pair in pairs)
                {
                    dict.Add(pair switch
                    {
                        object?[] { Length: 2 } tuple => new(tuple[0], tuple[1]),
                        PickleList { Count: 2 } list => new(list[0], list[1]),
                        _ => throw Damaged(offset, "a dictionary is made of something else than pairs"),
                    });
                }

                return dict;
            default:
                throw Damaged(offset, "a dictionary is made of something else than pairs");
        }
    }

    private object RebuildTensor(object?[] arguments, int required, long offset)
    {
        if (arguments.Length < required
            || arguments[0] is not StorageView view
            || arguments[1] is not >= 0L
            || ToSizes(arguments[2], offset) is not { } shape
            || ToSizes(arguments[3], offset) is not { } strides
            || shape.Length != strides.Length)
        {
            throw Damaged(offset, "a tensor is described otherwise than PyTorch does");
        }

        if (required == 7 && arguments[6] is UnknownGlobal unknown)
        {
            return NewUnsupported($"has the element type {unknown.FullName}, which cannot be read; convert it before saving (tensor.float())", offset);
        }

        var type = required == 7 ? (arguments[6] as ElementType)?.Type : view.Storage.Type;
        if (type is null)
        {
            throw Damaged(offset, "a tensor has no element type");
        }

        budget.Charge(96, offset);
        return new PickledTensor(view, type.Value, (long)arguments[1]!, shape, strides);
    }

    private long[]? ToSizes(object? value, long offset)
    {
        IReadOnlyList<object?>? items = value switch
        {
            object?[] tuple => tuple,
            PickleList list => list,
            _ => null,
        };
        if (items is null || items.Count > ElementTypes.MaxDimensions)
        {
            return null;
        }

        budget.Charge(sizeof(long) * items.Count, offset);
        var sizes = new long[items.Count];
        for (var i = 0; i < sizes.Length; i++)
        {
            if (items[i] is not long size || size < 0)
            {
                return null;
            }

            sizes[i] = size;
        }

        return sizes;
    }

    private byte[] Encode(string text, long offset)
    {
        budget.Charge(text.Length, offset);
        return Encoding.Latin1.GetBytes(text);
    }

    private NumpyElementType NewElementType(string code, long offset)
    {
        budget.Charge(32, offset);
        return new NumpyElementType(code);
    }

    private object? ToNumber(NumpyElementType type, byte[] bytes, long offset)
    {
        budget.Charge(sizeof(double), offset);
        if (type.BigEndian)
        {
            return null;
        }

        return (type.Code, bytes.Length) switch
        {
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ("b1", 1) => bytes[0] != 0,

            // A number of any other type is data too, but nothing here shows it to anyone.
            _ => null,
        };
    }

    private WeightFileException Damaged(long offset, string problem) =>
        source.Fail($"{problem} (pickle opcode at offset {offset}); the file is damaged or of an unknown PyTorch version.");
}
