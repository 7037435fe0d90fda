using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Files in PyTorch's two containers around pickles written by hand.</summary>
internal static class TorchBytes
{
    public static byte[] Zip(byte[] pickle, params (string Key, byte[] Values)[] storages) =>
        ZipOf([("archive/data.pkl", pickle), .. storages.Select(storage => ($"archive/data/{storage.Key}", storage.Values))]);

    public static byte[] ZipOf(IEnumerable<(string Name, byte[] Content)> records, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((var name, var content) in records)
            {
                using var record = archive.CreateEntry(name, level).Open();
                record.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] Legacy(
        byte[] pickle, IReadOnlyList<(string Key, long Count, byte[] Values)> storages, bool littleEndian = true, int protocol = 1001)
    {
        using var stream = new MemoryStream();
        stream.Write(new PickleWriter().Raw(0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).Stop());
        stream.Write(new PickleWriter().Integer(protocol).Stop());
        var machine = new PickleWriter().Op('}').Text("little_endian");
        stream.Write((littleEndian ? machine.True() : machine.False()).Op('s').Stop());
        stream.Write(pickle);
        var keys = new PickleWriter().Op(']').Op('(');
        foreach ((var key, _, _) in storages)
        {
            keys.Text(key);
        }

        stream.Write(keys.Op('e').Stop());
        Span<byte> count = stackalloc byte[sizeof(long)];
        foreach ((_, var elements, var values) in storages)
        {
            BinaryPrimitives.WriteInt64LittleEndian(count, elements);
            stream.Write(count);
            stream.Write(values);
        }

        return stream.ToArray();
    }

    /// <summary>A state dict {"w": float32 tensor} over storage "0".</summary>
    public static byte[] OneTensorPickle(long storageCount, long first, long[] shape, long[] strides, string storageClass = "FloatStorage") =>
        new PickleWriter().OrderedDict().Text("w").Tensor(p => p.Storage(storageClass, "0", storageCount), first, shape, strides).Op('s').Stop();

    /// <summary>What a training program saves: epoch, a loss, the state dict under <paramref name="key"/>, an optimizer, a numpy score of 0.75.</summary>
    public static byte[] CheckpointPickle(string key = "state_dict") => new PickleWriter().Op('}').Op('(')
        .Text("epoch").Integer(29)
        .Text("loss").Tensor(p => p.Storage("FloatStorage", "0", 6), 5, [], [])
        .Text(key).OrderedDict().Op('(')
        .Text("module.fc8.weight").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1])
        .Text("module.fc8.transposed").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [3, 2], [1, 3])
        .Op('u')
        .Text("optimizer").Op('}').Text("state").Op('}').Integer(0).Op('}').Text("momentum_buffer")
        .Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Op('s').Op('s')
        .Text("best_pred")
        .Global("numpy.core.multiarray", "scalar").Op('(')
        .Global("numpy", "dtype").Op('(').Text("f8").False().True().Op('t').Op('R')
        .Op('(').Integer(3).Text("<").None().None().None().Integer(-1).Integer(-1).Integer(0).Op('t').Op('b')
        .Global("_codecs", "encode").Op('(').Text("\0\0\0\0\0\0\u00E8?").Text("latin1").Op('t').Op('R')
        .Op('t').Op('R')
        .Op('u').Stop();

    public static byte[] Floats(params ReadOnlySpan<float> values)
    {
        var bytes = new byte[sizeof(float) * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), values[i]);
        }

        return bytes;
    }

    /// <summary>Replaces the first occurrence of some text in a file's bytes, everywhere it stands.</summary>
    public static byte[] Replace(byte[] file, string from, string to)
    {
        byte[] copy = [.. file];
        byte[] old = Encoding.Latin1.GetBytes(from), replacement = Encoding.Latin1.GetBytes(to);
        var at = 0;
        while (copy.AsSpan(at).IndexOf(old) is >= 0 and int found)
        {
            replacement.CopyTo(copy.AsSpan(at + found));
            at += found + old.Length;
        }

        return copy;
    }
}
