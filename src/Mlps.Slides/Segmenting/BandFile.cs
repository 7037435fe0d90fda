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
    private readonly Lock _reading = new();
    private readonly MemoryStream _packed = new();
    private (int Band, byte[] Bytes) _last = (-1, []);
    private (int Band, byte[] Bytes) _lastButOne = (-1, []);

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
        _packed.SetLength(0);
        _packed.Write(stackalloc byte[RecordHead]);
        using (var packer = new ZLibStream(_packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(band);
            packer.Write(note);
        }

        var record = _packed.GetBuffer().AsSpan(0, (int)_packed.Length);
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
        lock (_reading)
        {
            ReadLines(y, count, classes, probability);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _packed.Dispose();
    }

    /// <summary>What was added with a band besides its pixels; empty where nothing was.</summary>
    public byte[] Note(int band)
    {
        using var unpacker = Unpack(band);
        Span<byte> passed = new byte[Math.Min(1 << 16, PixelBytes(band))];
        for (var left = PixelBytes(band); left > 0; left -= Math.Min(left, passed.Length))
        {
            unpacker.ReadExactly(passed[..Math.Min(left, passed.Length)]);
        }

        using var note = new MemoryStream();
        unpacker.CopyTo(note);
        return note.ToArray();
    }

    private static int HeadLength => _mark.Length + (128 / 8);

    private void ReadLines(int y, int count, Span<byte> classes, Span<byte> probability)
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

    /// <summary>A band, unpacked. The last two are kept, as readers go from top to bottom; their memory is used again, as bands of large slides have tens of megabytes.</summary>
    private byte[] Band(int band)
    {
        if (_last.Band == band)
        {
            return _last.Bytes;
        }

        if (_lastButOne.Band != band)
        {
            var bytes = _lastButOne.Bytes.Length >= PixelBytes(band) ? _lastButOne.Bytes : new byte[PixelBytes(band)];
            _lastButOne = (-1, bytes);
            using var unpacker = Unpack(band);
            unpacker.ReadExactly(bytes.AsSpan(0, PixelBytes(band)));
            _lastButOne = (band, bytes);
        }

        (_last, _lastButOne) = (_lastButOne, _last);
        return _last.Bytes;
    }

    private int PixelBytes(int band) => 2 * LinesOf(band) * Width;

    private ZLibStream Unpack(int band)
    {
        (long Position, int Length) place;
        lock (_lock)
        {
            place = _bands[band];
        }

        var packed = new byte[place.Length];
        ReadWhole(packed, place.Position);
        return new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
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
