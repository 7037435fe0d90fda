using System.Buffers;
using System.IO.Compression;
using System.Numerics;

namespace Mlps.ML.Png;

/// <summary>The samples of a PNG of at most 8 bits a sample: inflated, unfiltered, one byte each, in reading order.</summary>
internal static class PngSamples
{
    /// <summary>No deflate stream grows by more than this factor.</summary>
    private const int MaximumInflation = 1032;

    private static readonly (int Left, int Top, int StepX, int StepY)[] WholeImage = [(0, 0, 1, 1)];

    private static readonly (int Left, int Top, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private enum Filter : byte
    {
        None,
        Sub,
        Up,
        Average,
        Paeth,
    }

    /// <summary>Throws unless the compressed data can hold as many pixels as the header says; returns the bytes that it unpacks to.</summary>
    /// <exception cref="TissueDataException">There is too little of it.</exception>
    public static int RequireData(in PngChunks chunks, string path)
    {
        var header = chunks.Header;
        var filteredLength = 0L;
        foreach (var pass in header.Interlaced ? Adam7 : WholeImage)
        {
            var (columns, rows) = PassSize(header, pass);
            filteredLength += columns == 0 ? 0 : (long)rows * (1 + RowLength(header, columns));
        }

        var length = chunks.Data.End.Value - chunks.Data.Start.Value;
        return filteredLength <= Array.MaxLength && filteredLength / MaximumInflation <= length
            ? (int)filteredLength
            : throw PngFault.Create(path, $"The PNG says that it is {header.Width} x {header.Height} pixels, and its {length} bytes of compressed data cannot hold that many.");
    }

    /// <summary>Decodes into [H, W, channels] bytes.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="chunks">What walking them found.</param>
    /// <param name="samples">Width x height x channels bytes.</param>
    /// <param name="path">The file's path, for messages.</param>
    /// <exception cref="TissueDataException">The compressed data is damaged, too short or too long, or names an unknown filter.</exception>
    public static void Decode(byte[] file, in PngChunks chunks, Span<byte> samples, string path)
    {
        var header = chunks.Header;
        var passes = header.Interlaced ? Adam7 : WholeImage;
        var filteredLength = RequireData(chunks, path);
        var (start, length) = chunks.Data.GetOffsetAndLength(file.Length);
        var filtered = ArrayPool<byte>.Shared.Rent(filteredLength);
        try
        {
            Inflate(file, start, length, filtered.AsSpan(0, filteredLength), path);
            var rest = filtered.AsSpan(0, filteredLength);
            foreach (var pass in passes)
            {
                rest = rest[DecodePass(header, pass, rest, samples, path)..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(filtered);
        }
    }

    private static (int Columns, int Rows) PassSize(in PngHeader header, (int Left, int Top, int StepX, int StepY) pass) =>
        ((header.Width - pass.Left + pass.StepX - 1) / pass.StepX, (header.Height - pass.Top + pass.StepY - 1) / pass.StepY);

    private static int RowLength(in PngHeader header, int columns) =>
        (int)((((long)columns * header.Channels * header.BitDepth) + 7) / 8);

    private static void Inflate(byte[] file, int start, int length, Span<byte> filtered, string path)
    {
        try
        {
            using var inflater = new ZLibStream(new MemoryStream(file, start, length, writable: false), CompressionMode.Decompress);
            inflater.ReadExactly(filtered);

            // Only reading on makes the decompressor compare the checksum at the end of its stream.
            if (inflater.ReadByte() >= 0)
            {
                throw PngFault.Create(path, "The PNG's compressed data holds more than its pixels.");
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw PngFault.Create(path, $"The PNG's compressed data is damaged or incomplete: {exception.Message}", exception);
        }
    }

    private static int DecodePass(in PngHeader header, (int Left, int Top, int StepX, int StepY) pass, Span<byte> filtered, Span<byte> samples, string path)
    {
        var (columns, rows) = PassSize(header, pass);
        if (columns <= 0 || rows <= 0)
        {
            return 0;
        }

        var rowLength = RowLength(header, columns);
        var rowOffset = header.Channels * header.Width * pass.StepY;
        var stride = Math.Max(1, header.Channels * header.BitDepth / 8);
        ReadOnlySpan<byte> above = [];
        for (var row = 0; row < rows; row++)
        {
            var line = filtered.Slice(row * (1 + rowLength), 1 + rowLength);
            var bytes = line[1..];
            if (!Unfilter((Filter)line[0], bytes, above, stride))
            {
                throw PngFault.Create(path, $"The PNG names filter {line[0]} in row {pass.Top + (row * pass.StepY)}; there are 0 to 4.");
            }

            var first = (((pass.Top + (row * pass.StepY)) * header.Width) + pass.Left) * header.Channels;
            Unpack(header, bytes, columns, samples[first..], pass.StepX);
            above = bytes;
        }

        return rows * (1 + rowLength);
    }

    private static bool Unfilter(Filter filter, Span<byte> bytes, ReadOnlySpan<byte> above, int stride)
    {
        switch (filter)
        {
            case Filter.None:
                return true;
            case Filter.Sub:
                for (var i = stride; i < bytes.Length; i++)
                {
                    bytes[i] += bytes[i - stride];
                }

                return true;
            case Filter.Up:
                if (!above.IsEmpty)
                {
                    AddAbove(bytes, above);
                }

                return true;
            case Filter.Average:
                for (var i = 0; i < bytes.Length; i++)
                {
                    var left = i >= stride ? bytes[i - stride] : 0;
                    var up = above.IsEmpty ? 0 : above[i];
                    bytes[i] += (byte)((left + up) >> 1);
                }

                return true;
            case Filter.Paeth:
                AddPaeth(bytes, above, stride);
                return true;
            default:
                return false;
        }
    }

    private static void AddAbove(Span<byte> bytes, ReadOnlySpan<byte> above)
    {
        var i = 0;
        for (; i <= bytes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(bytes[i..]) + new Vector<byte>(above[i..])).CopyTo(bytes[i..]);
        }

        for (; i < bytes.Length; i++)
        {
            bytes[i] += above[i];
        }
    }

    private static void AddPaeth(Span<byte> bytes, ReadOnlySpan<byte> above, int stride)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var left = i >= stride ? bytes[i - stride] : 0;
            var up = above.IsEmpty ? 0 : above[i];
            var corner = i >= stride && !above.IsEmpty ? above[i - stride] : 0;
            var toLeft = Math.Abs(up - corner);
            var toUp = Math.Abs(left - corner);
            var toCorner = Math.Abs(left + up - corner - corner);
            bytes[i] += (byte)(toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
        }
    }

    /// <summary>Spreads a row's samples over every stepX-th pixel of the image.</summary>
    private static void Unpack(in PngHeader header, ReadOnlySpan<byte> bytes, int columns, Span<byte> samples, int stepX)
    {
        var channels = header.Channels;
        if (header.BitDepth == 8)
        {
            if (stepX == 1)
            {
                bytes.CopyTo(samples);
                return;
            }

            for (var column = 0; column < columns; column++)
            {
                bytes.Slice(column * channels, channels).CopyTo(samples[(column * stepX * channels)..]);
            }

            return;
        }

        var depth = header.BitDepth;
        var mask = (1 << depth) - 1;
        for (int column = 0, bit = 0; column < columns; column++, bit += depth)
        {
            samples[column * stepX] = (byte)((bytes[bit >> 3] >> (8 - depth - (bit & 7))) & mask);
        }
    }
}
