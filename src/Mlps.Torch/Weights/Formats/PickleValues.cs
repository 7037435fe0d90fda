using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

// A pickle's values: null, bool, long, double, string, byte[], BigInteger, object?[] for a tuple, and the types below.

/// <summary>A Python list.</summary>
internal sealed class PickleList : List<object?>;

/// <summary>A Python dict or OrderedDict, as the pairs that were set; looking one up is left to the few who need it.</summary>
internal sealed class PickleDict : List<KeyValuePair<object?, object?>>
{
    public bool TryGet(string key, out object? value)
    {
        // As in Python, the last pair set under a key is the one that counts.
        for (var i = Count - 1; i >= 0; i--)
        {
            if (this[i].Key is string text && text == key)
            {
                value = this[i].Value;
                return true;
            }
        }

        value = null;
        return false;
    }
}

/// <summary>The callables a pickle may name; calling one only ever describes data.</summary>
internal enum PickleCallable
{
    OrderedDict,
    RebuildTensorV1,
    RebuildTensorV2,
    RebuildTensorV3,
    RebuildParameter,
    Size,
    Device,
    RebuildFromType,
    Bytes,
    CodecsEncode,
    NumpyScalar,
    NumpyDType,
}

/// <summary>A Python name that means nothing here: a class, a function or a constant of another program.</summary>
/// <remarks>It is only ever a name.</remarks>
internal sealed record UnknownGlobal(string Module, string Name)
{
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A function that rebuilds a tensor of a kind that cannot be read; says what kind, and what to do.</summary>
internal sealed record UnsupportedRebuild(string Problem);

/// <summary>A tensor that cannot be read; says why, and what to do.</summary>
internal sealed record UnsupportedTensor(string Problem);

/// <summary>An unknown class or function of a pickle: its name and its arguments; it is never called.</summary>
internal sealed class PickleOpaque(string type)
{
    public string Type { get; } = type;

    /// <summary>What the class or function would be called with.</summary>
    public object?[] Arguments { get; init; } = [];

    /// <summary>Its attributes, mostly a dictionary.</summary>
    public object? State { get; set; }

    /// <summary>Its items, where the object is a dictionary of its own kind.</summary>
    public PickleDict? Items { get; set; }

    /// <summary>Its elements, where the object is a list or a set of its own kind.</summary>
    public PickleList? Elements { get; set; }
}

/// <summary>A storage class such as <c>torch.FloatStorage</c>; the type is null for bytes whose type the tensor gives, and for types that cannot be read.</summary>
internal sealed record StorageClass(ScalarType? Type, int UnreadableElementBytes = 1)
{
    public int ElementSize => Type is { } type ? ElementTypes.SizeOf(type) : UnreadableElementBytes;
}

/// <summary>An element type such as <c>torch.float32</c>.</summary>
internal sealed record ElementType(ScalarType Type);

/// <summary>A numpy element type such as <c>f8</c>; only scalars of it occur.</summary>
internal sealed record NumpyElementType(string Code)
{
    public bool BigEndian { get; set; }
}

/// <summary>A run of elements that tensors share: its bytes lie elsewhere in the file, under its key.</summary>
internal sealed class TensorStorage(string key, StorageClass storageClass, long elementCount)
{
    public string Key { get; } = key;

    /// <summary>Null where the storage is plain bytes.</summary>
    public ScalarType? Type { get; } = storageClass.Type;

    public long ElementCount { get; } = elementCount;

    public int ElementSize { get; } = storageClass.ElementSize;

    public long ByteCount => checked(ElementCount * ElementSize);

    /// <summary>Absolute offset in the file of the first byte; known once the storages have been found.</summary>
    public long Offset { get; set; } = -1;

    public ChecksummedRecord? Record { get; set; }
}

/// <summary>A storage, or the part of it that an old file calls a view.</summary>
internal sealed record StorageView(TensorStorage Storage, long FirstElement, long ElementCount);

/// <summary>A tensor as the pickle describes it; nothing about it has been checked against its storage yet.</summary>
internal sealed record PickledTensor(StorageView View, ScalarType Type, long FirstElement, long[] Shape, long[] Strides);
