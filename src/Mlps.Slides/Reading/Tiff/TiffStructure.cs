using System.Buffers.Binary;
using System.Globalization;

namespace Mlps.Slides;

/// <summary>Looks at a TIFF's directories before LibTiff, which makes room for as many values as a file says that it has.</summary>
/// <remarks>Only what no file can have is refused: values, directories or pieces that are longer than the file, tiles of no size, and levels that end OpenSlide. Everything else is left to LibTiff and OpenSlide.</remarks>
internal sealed class TiffStructure
{
    private const int MaximumDirectories = 1024;
    private const int ChunkBytes = 1 << 16;

    private const int Width = 256;
    private const int Height = 257;
    private const int Description = 270;
    private const int SamplesPerPixel = 277;
    private const int RowsPerStrip = 278;
    private const int StripByteCounts = 279;
    private const int PlanarConfiguration = 284;
    private const int TileWidth = 322;
    private const int TileHeight = 323;
    private const int TileByteCounts = 325;
    private const int InnerDirectories = 330;
    private const int PlanesApart = 2;
    private const int NdpiTag = 65420;
    private const int NdpiEntryBytes = 12;

    private readonly string _path;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private readonly long _length;
    private readonly bool _isBigEndian;
    private readonly bool _isBig;
    private readonly Queue<long> _directories = [];
    private readonly HashSet<long> _seen = [];
    private bool? _isAperio;
    private (long Width, long Height) _first;

    private TiffStructure(string path, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        (_path, _file, _length) = (path, file, RandomAccess.GetLength(file));
        Span<byte> start = stackalloc byte[16];
        start.Clear();
        RandomAccess.Read(file, start, 0);
        _isBigEndian = start[0] == (byte)'M';
        _isBig = Number(start.Slice(2, 2)) == 43;
        Follow((long)Number(_isBig ? start.Slice(8, 8) : start.Slice(4, 4)));
    }

    /// <summary>Checks a file that begins as a TIFF does.</summary>
    /// <exception cref="SlideException">It says that something in it is longer than the file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Check(string path)
    {
        using var file = File.OpenHandle(path);
        if (IsLargeNdpi(file))
        {
            return;
        }

        var structure = new TiffStructure(path, file);
        while (structure._directories.TryDequeue(out var place))
        {
            structure.CheckDirectory(place);
        }
    }

    /// <summary>Whether a file is one of Hamamatsu's of more than 4 GiB, whose places have 64 bits although it begins as a TIFF with 32. OpenSlide reads them, and LibTiff cannot.</summary>
    private static bool IsLargeNdpi(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        Span<byte> start = stackalloc byte[12];
        if (RandomAccess.GetLength(file) <= uint.MaxValue || RandomAccess.Read(file, start, 0) < start.Length || !start.StartsWith((ReadOnlySpan<byte>)[0x49, 0x49, 42, 0]))
        {
            return false;
        }

        return HasNdpiTag(BinaryPrimitives.ReadInt64LittleEndian(start[4..])) || HasNdpiTag(BinaryPrimitives.ReadUInt32LittleEndian(start[4..]));

        bool HasNdpiTag(long place)
        {
            if (place <= 0 || place >= RandomAccess.GetLength(file))
            {
                return false;
            }

            Span<byte> number = stackalloc byte[sizeof(ushort)];
            RandomAccess.Read(file, number, place);
            var entries = new byte[BinaryPrimitives.ReadUInt16LittleEndian(number) * NdpiEntryBytes];
            var read = RandomAccess.Read(file, entries, place + number.Length);
            return Enumerable.Range(0, read / NdpiEntryBytes).Any(entry => BinaryPrimitives.ReadUInt16LittleEndian(entries.AsSpan(entry * NdpiEntryBytes)) == NdpiTag);
        }
    }

    private void CheckDirectory(long place)
    {
        var (countBytes, entryBytes) = _isBig ? (8, 20) : (2, 12);
        Span<byte> number = stackalloc byte[countBytes];
        if (!TryRead(number, place))
        {
            return;
        }

        var count = Number(number);
        Require(count <= (ulong)(_length / entryBytes), "a directory", count);
        var content = new byte[((int)count * entryBytes) + (_isBig ? 8 : 4)];
        if (!TryRead(content, place + countBytes))
        {
            return;
        }

        var sizes = new Dictionary<int, long>();
        var isAperio = false;
        for (var entry = 0; entry < (int)count; entry++)
        {
            CheckEntry(content.AsSpan(entry * entryBytes, entryBytes), sizes);
            isAperio |= _isAperio is null && IsAperio(content.AsSpan(entry * entryBytes, entryBytes));
        }

        _isAperio ??= isAperio;
        RequirePieces(sizes);
        RequireLevel(sizes);
        Follow((long)Number(content.AsSpan((int)count * entryBytes)));
    }

    private void CheckEntry(ReadOnlySpan<byte> entry, Dictionary<int, long> sizes)
    {
        var (tag, type) = ((int)Number(entry[..2]), (int)Number(entry.Slice(2, 2)));
        var bytes = BytesOf(type);
        var count = Number(_isBig ? entry.Slice(4, 8) : entry.Slice(4, 4));
        var value = _isBig ? entry[12..] : entry[8..];
        if (bytes == 0)
        {
            // LibTiff passes over types that it does not know.
            return;
        }

        Require(count <= (ulong)(_length / bytes), string.Create(CultureInfo.InvariantCulture, $"the tag {tag}"), count);
        if (tag is StripByteCounts or TileByteCounts)
        {
            ForEach(value, (int)count, bytes, size => Require(size <= (ulong)_length, "a piece of a picture", size));
        }
        else if (tag is InnerDirectories)
        {
            ForEach(value, (int)Math.Min(count, MaximumDirectories), bytes, place => Follow((long)place));
        }
        else if (count == 1 && bytes <= value.Length)
        {
            sizes[tag] = (long)Number(value[..bytes]);
        }
    }

    /// <summary>LibTiff makes room for the place and length of each piece.</summary>
    private void RequirePieces(Dictionary<int, long> sizes)
    {
        var (width, height) = (Size(Width, 0), Size(Height, 0));
        var isTiled = sizes.ContainsKey(TileWidth);
        var columns = isTiled ? Pieces(width, Size(TileWidth, width)) : 1;
        var rows = Pieces(height, isTiled ? Size(TileHeight, height) : Size(RowsPerStrip, height));
        var planes = Size(PlanarConfiguration, 1) == PlanesApart ? Size(SamplesPerPixel, 1) : 1;
        var all = (UInt128)columns * (ulong)rows * (ulong)planes;
        Require(all <= (ulong)_length, "the list of a picture's pieces", (ulong)UInt128.Min(all, ulong.MaxValue));

        long Size(int tag, long missing) => sizes.TryGetValue(tag, out var size) && size is > 0 and <= uint.MaxValue ? size : missing;

        static long Pieces(long side, long piece) => piece == 0 ? 0 : (side + piece - 1) / piece;
    }

    /// <summary>OpenSlide divides by the sides of tiles, and in Aperio's files by how many tiles of a level are one of the next: 0 where the next is larger. Either ends the process.</summary>
    private void RequireLevel(Dictionary<int, long> sizes)
    {
        if (!sizes.TryGetValue(TileWidth, out var tileWidth))
        {
            return;
        }

        var size = (Width: sizes.GetValueOrDefault(Width), Height: sizes.GetValueOrDefault(Height));
        _first = _first == default ? size : _first;
        if (tileWidth <= 0 || sizes.GetValueOrDefault(TileHeight) <= 0 || (_isAperio is true && (size.Width > _first.Width || size.Height > _first.Height)))
        {
            throw new SlideException(_path, string.Create(CultureInfo.InvariantCulture, $"It says that a picture of {size.Width} x {size.Height} pixels in tiles of {tileWidth} x {sizes.GetValueOrDefault(TileHeight)} is a level of one of {_first.Width} x {_first.Height}."), "Copy the file again; it may be damaged.");
        }
    }

    private bool IsAperio(ReadOnlySpan<byte> entry)
    {
        Span<byte> text = stackalloc byte[6];
        return (int)Number(entry[..2]) == Description && TryRead(text, (long)Number(_isBig ? entry[12..] : entry[8..])) && text.SequenceEqual("Aperio"u8);
    }

    private void ForEach(ReadOnlySpan<byte> value, int count, int bytes, Action<ulong> act)
    {
        if ((long)count * bytes <= value.Length)
        {
            for (var i = 0; i < count; i++)
            {
                act(Number(value.Slice(i * bytes, bytes)));
            }

            return;
        }

        var place = (long)Number(value);
        var chunk = new byte[ChunkBytes];
        for (var left = (long)count * bytes; left > 0; left -= chunk.Length, place += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(left, chunk.Length));
            if (!TryRead(part, place))
            {
                return;
            }

            for (var at = 0; at + bytes <= part.Length; at += bytes)
            {
                act(Number(part.Slice(at, bytes)));
            }
        }
    }

    private void Follow(long place)
    {
        if (place > 0 && _seen.Count < MaximumDirectories && _seen.Add(place))
        {
            _directories.Enqueue(place);
        }
    }

    private void Require(bool isPossible, string what, ulong count)
    {
        if (!isPossible)
        {
            throw new SlideException(_path, string.Create(CultureInfo.InvariantCulture, $"It says that {what} has {count} values or bytes, and the file has {_length} bytes."), "Copy the file again; it may be damaged.");
        }
    }

    private bool TryRead(Span<byte> bytes, long place) => place >= 0 && place <= _length - bytes.Length && RandomAccess.Read(_file, bytes, place) == bytes.Length;

    private ulong Number(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => _isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    /// <summary>Bytes of a value of a type; 0 for types that there are not.</summary>
    private static int BytesOf(int type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,
    };
}
