namespace Mlps.Torch.Tests.Weights;

/// <summary>State dicts of <see cref="SpelledNet"/> in the spellings that training programs save, each set of weights with a number of its own in every value.</summary>
internal sealed class PickledState
{
    public static IReadOnlyList<(string Name, long[] Shape)> Tensors { get; } =
    [
        ("conv.weight", [2, 3, 1, 1]), ("bn.weight", [2]), ("bn.bias", [2]), ("bn.running_mean", [2]), ("bn.running_var", [2]), ("fc8.weight", [4, 2, 1, 1]),
    ];

    private readonly List<(string Key, byte[] Values)> _storages = [];

    public PickleWriter Writer { get; } = new();

    public static IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    public PickledState Put(Action<PickleWriter> write)
    {
        write(Writer);
        return this;
    }

    /// <summary>Starts a dictionary; <see cref="End"/> closes it.</summary>
    public PickledState Begin() => Put(p => p.Op('}').Op('('));

    public PickledState Key(string key) => Put(p => p.Text(key));

    public PickledState End() => Put(p => p.Op('u'));

    /// <summary>Values that no tensor has been made of yet; gives their key.</summary>
    public string Storage(byte[] values)
    {
        _storages.Add(($"{_storages.Count}", values));
        return _storages[^1].Key;
    }

    /// <summary>A tensor of new values.</summary>
    public PickledState Tensor(long[] shape, float value, string storage = "FloatStorage", byte[]? element = null)
    {
        var key = $"{_storages.Count}";
        var count = shape.Aggregate(1L, (product, size) => product * size);
        _storages.Add((key, [.. Enumerable.Repeat(element ?? BitConverter.GetBytes(value), (int)count).SelectMany(bytes => bytes)]));
        var strides = new long[shape.Length];
        for (int i = shape.Length - 1, stride = 1; i >= 0; stride *= (int)shape[i], i--)
        {
            strides[i] = stride;
        }

        return Put(p => p.Tensor(q => q.Storage(storage, key, count), 0, shape, strides));
    }

    /// <summary>A state dict whose names are changed, with extra items if there are any.</summary>
    public PickledState State(float value, Func<string, string>? rename = null, Action<PickledState>? extra = null, Func<string, bool>? keep = null)
    {
        Put(p => p.OrderedDict().Op('('));
        foreach ((var name, var shape) in Tensors.Where(tensor => keep?.Invoke(tensor.Name) ?? true))
        {
            Key(rename?.Invoke(name) ?? name).Tensor(shape, value);
        }

        extra?.Invoke(this);
        return End();
    }

    public byte[] Zip() => TorchBytes.Zip(Writer.Stop(), [.. _storages]);

    public byte[] Legacy(int elementBytes = sizeof(float)) =>
        TorchBytes.Legacy(Writer.Stop(), [.. _storages.Select(storage => (storage.Key, (long)storage.Values.Length / elementBytes, storage.Values))]);
}
