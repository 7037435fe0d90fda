using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Mlps.Slides;

/// <summary>The mask of a slide while it grows: bands of lines, compressed, one after the other in a file that an interrupted run goes on with.</summary>
/// <remarks>Each band has its length and a checksum. What a killed run left half-written is cut off, and a file of another model or other settings is begun anew.</remarks>
internal sealed class BandFile : IMaskRows, IDisposable
{
    private const int RecordHead = 16;
    private static readonly byte[] _mark = "MLPSBND1"u8.ToArray();

    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private readonly List<(long Position, int Length)> _bands = [];
    private readonly int _bandHeight;
    private (int Band, byte[] Bytes)[] _recent = [(-1, []), (-1, [])];

    private BandFile(FileStream file, int width, int height, int bandHeight) => (_file, Width, Height, _bandHeight) = (file, width, height, bandHeight);

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <summary>Bands that are whole.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _bands.Count;
            }
        }
    }

    /// <summary>Bands of the whole mask.</summary>
    public int BandCount => (Height + _bandHeight - 1) / _bandHeight;

    /// <summary>Opens a file, and keeps the bands that are whole where it was made for the same key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">All that the bands depend on.</param>
    /// <param name="width">Pixels in a line.</param>
    /// <param name="height">Lines.</param>
    /// <param name="bandHeight">Lines in each band but the last.</param>
    /// <exception cref="IOException">The file cannot be written, or another run has it.</exception>
    public static BandFile Open(string path, string key, int width, int height, int bandHeight)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var file = new BandFile(stream, width, height, bandHeight);
            file.Recover([.. _mark, .. XxHash128.Hash(Encoding.UTF8.GetBytes($"{key}\n{width} {height} {bandHeight}"))]);
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Lines of a band.</summary>
    public int LinesOf(int band) => Math.Min(_bandHeight, Height - (band * _bandHeight));

    /// <summary>Adds the next band.</summary>
    /// <param name="band">Classes and then probabilities, [2, lines, width].</param>
    /// <param name="note">Whatever else must not be lost with the band; see <see cref="Note"/>.</param>
    public void Append(ReadOnlySpan<byte> band, ReadOnlySpan<byte> note = default)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[RecordHead]);
        using (var packer = new ZLibStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(band);
            packer.Write(note);
        }

        var record = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record, record.Length - RecordHead);
        BinaryPrimitives.WriteUInt64LittleEndian(record[sizeof(long)..], XxHash3.HashToUInt64(record[RecordHead..]));
        lock (_lock)
        {
            var position = _bands.Count == 0 ? HeadLength : _bands[^1].Position + _bands[^1].Length;
            RandomAccess.Write(_file.SafeFileHandle, record, position);
            _bands.Add((position + RecordHead, record.Length - RecordHead));
        }
    }

    /// <inheritdoc/>
    public void Read(int y, int count, Span<byte> classes, Span<byte> probability)
    {
        for (var line = 0; line < count;)
        {
            var band = (y + line) / _bandHeight;
            var (first, lines) = (y + line - (band * _bandHeight), LinesOf(band));
            var taken = Math.Min(count - line, lines - first);
            var bytes = Band(band);
            bytes.AsSpan(first * Width, taken * Width).CopyTo(classes[(line * Width)..]);
            if (!probability.IsEmpty)
            {
                bytes.AsSpan((lines + first) * Width, taken * Width).CopyTo(probability[(line * Width)..]);
            }

            line += taken;
        }
    }

    /// <summary>What was added with a band besides its pixels; empty where nothing was.</summary>
    public byte[] Note(int band)
    {
        using var unpacker = Unpack(Place(band));
        _ = Pixels(unpacker, band);
        using var note = new MemoryStream();
        unpacker.CopyTo(note);
        return note.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static int HeadLength => _mark.Length + (128 / 8);

    /// <summary>A band, unpacked; the last two are kept, as readers go from top to bottom.</summary>
    private byte[] Band(int band)
    {
        lock (_lock)
        {
            foreach (var (kept, bytes) in _recent)
            {
                if (kept == band)
                {
                    return bytes;
                }
            }
        }

        byte[] unpacked;
        using (var unpacker = Unpack(Place(band)))
        {
            unpacked = Pixels(unpacker, band);
        }

        lock (_lock)
        {
            _recent = [(band, unpacked), _recent[0]];
        }

        return unpacked;
    }

    private (long Position, int Length) Place(int band)
    {
        lock (_lock)
        {
            return _bands[band];
        }
    }

    private ZLibStream Unpack((long Position, int Length) place)
    {
        var packed = new byte[place.Length];
        ReadWhole(packed, place.Position);
        return new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
    }

    private byte[] Pixels(ZLibStream unpacker, int band)
    {
        var pixels = new byte[2 * LinesOf(band) * Width];
        unpacker.ReadExactly(pixels);
        return pixels;
    }

    private void Recover(byte[] head)
    {
        var found = new byte[head.Length];
        var position = (long)head.Length;
        if (_file.Length >= head.Length)
        {
            ReadWhole(found, 0);
        }

        if (!found.AsSpan().SequenceEqual(head))
        {
            _file.SetLength(0);
            RandomAccess.Write(_file.SafeFileHandle, head, 0);
            return;
        }

        var record = new byte[RecordHead];
        while (_bands.Count < BandCount && position + RecordHead <= _file.Length)
        {
            ReadWhole(record, position);
            var length = BinaryPrimitives.ReadInt64LittleEndian(record);
            if (length <= 0 || length > _file.Length - position - RecordHead)
            {
                break;
            }

            var packed = new byte[length];
            ReadWhole(packed, position + RecordHead);
            if (XxHash3.HashToUInt64(packed) != BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(sizeof(long))))
            {
                break;
            }

            _bands.Add((position + RecordHead, (int)length));
            position += RecordHead + length;
        }

        _file.SetLength(position);
    }

    private void ReadWhole(Span<byte> bytes, long position)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(_file.SafeFileHandle, bytes, position);
            if (read == 0)
            {
                throw new EndOfStreamException($"{_file.Name} ended before a band that it had.");
            }

            bytes = bytes[read..];
            position += read;
        }
    }
}
