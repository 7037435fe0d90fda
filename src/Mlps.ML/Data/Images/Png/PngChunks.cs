using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Mlps.ML.Png;

/// <summary>Where a PNG's palette and compressed samples lie in the file's bytes, after every chunk has been checked.</summary>
internal readonly record struct PngChunks(PngHeader Header, Range Palette, Range Data)
{
    public const int PaletteEntryLength = 3;

    private const int ChunkOverhead = 12;
    private const byte LowerCase = 0x20;

    /// <summary>Walks a file from signature to IEND: order, lengths, checksums.</summary>
    /// <param name="file">The whole file; its image data chunks are moved together where there are several, so that they form one range.</param>
    /// <param name="path">The file's path, for messages.</param>
    /// <exception cref="TissueDataException">The file breaks the format, or ends early.</exception>
    public static PngChunks Walk(Span<byte> file, string path) => Walk(file, path, joinData: true);

    /// <summary>The same checks on a file that stays as it is.</summary>
    public static unsafe void Check(ReadOnlySpan<byte> file, string path)
    {
        // Nothing is written where chunks are not joined.
        fixed (byte* start = file)
        {
            Walk(new Span<byte>(start, file.Length), path, joinData: false);
        }
    }

    private static PngChunks Walk(Span<byte> file, string path, bool joinData)
    {
        var header = PngHeader.Parse(file, path);
        Range palette = default;
        int dataStart = 0, dataEnd = 0, position = PngHeader.FileLength, lastDataChunkEnd = 0;
        while (true)
        {
            if (file.Length - position < ChunkOverhead)
            {
                throw PngFault.Create(path, $"The PNG ends after {file.Length} bytes, before its IEND chunk.");
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(file[position..]);
            ReadOnlySpan<byte> type = file.Slice(position + 4, 4);
            if (length > file.Length - position - ChunkOverhead)
            {
                throw PngFault.Create(path, $"The PNG ends after {file.Length} bytes, within its chunk {Name(type)} of {length} bytes at {position}.");
            }

            var contents = file.Slice(position + 8, (int)length);
            if (Crc32.HashToUInt32(file.Slice(position + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(file[(position + 8 + (int)length)..]))
            {
                throw PngFault.Create(path, $"The PNG chunk {Name(type)} at {position} has a wrong checksum.");
            }

            if (type.SequenceEqual("IDAT"u8))
            {
                if (dataStart == 0)
                {
                    dataStart = dataEnd = position + 8;
                }
                else if (lastDataChunkEnd != position)
                {
                    throw PngFault.Create(path, $"The PNG has an IDAT chunk at {position} apart from the others.");
                }

                if (joinData)
                {
                    contents.CopyTo(file[dataEnd..]);
                    dataEnd += contents.Length;
                }

                lastDataChunkEnd = position + ChunkOverhead + (int)length;
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                if (dataStart != 0 || !palette.Equals(default(Range)) || length % PaletteEntryLength != 0 || length is 0 or > 256 * PaletteEntryLength)
                {
                    throw PngFault.Create(path, $"The PNG has a misplaced, second or misshapen PLTE chunk of {length} bytes at {position}.");
                }

                palette = (position + 8)..(position + 8 + (int)length);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }
            else if ((type[0] & LowerCase) == 0)
            {
                throw PngFault.Create(path, $"The PNG has a chunk {Name(type)} at {position}, which is critical and unknown.");
            }

            position += ChunkOverhead + (int)length;
        }

        if (dataStart == 0)
        {
            throw PngFault.Create(path, "The PNG has no image data (IDAT).");
        }

        if (header.ColorType == PngColorType.Palette && palette.Equals(default(Range)))
        {
            throw PngFault.Create(path, "The PNG has colour type 3 and no palette (PLTE).");
        }

        return new PngChunks(header, palette, dataStart..dataEnd);
    }

    private static string Name(ReadOnlySpan<byte> type) => Encoding.Latin1.GetString(type);
}
