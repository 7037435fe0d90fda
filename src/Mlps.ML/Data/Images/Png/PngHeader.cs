using System.Buffers.Binary;
using System.IO.Hashing;

namespace Mlps.ML.Png;

/// <summary>The first chunk of a PNG: size and sample form.</summary>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColorType ColorType, bool Interlaced)
{
    /// <summary>Larger images are refused before anything is allocated for them.</summary>
    public const long MaximumPixels = 1L << 28;

    /// <summary>Signature and IHDR chunk, which every PNG begins with.</summary>
    public const int FileLength = SignatureLength + 8 + DataLength + 4;

    private const int SignatureLength = 8;
    private const int DataLength = 13;

    public static ReadOnlySpan<byte> Signature => PngChunk.Signature;

    /// <summary>Samples a pixel.</summary>
    public int Channels => ColorType switch
    {
        PngColorType.Truecolour => 3,
        PngColorType.GreyscaleWithAlpha => 2,
        PngColorType.TruecolourWithAlpha => 4,
        _ => 1,
    };

    /// <summary>Reads the header of a file, and no more than it.</summary>
    /// <exception cref="TissueDataException">The file is unreadable, or does not begin as a PNG does.</exception>
    public static PngHeader Read(string path)
    {
        Span<byte> start = stackalloc byte[FileLength];
        int length;
        FileStatus.RequireNotSpecial(path);
        try
        {
            using var file = File.OpenHandle(path);
            length = RandomAccess.Read(file, start, 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw PngFault.Create(path, $"The file cannot be read: {exception.Message}", exception);
        }

        return Parse(start[..length], path);
    }

    /// <summary>Reads the header from the start of a file.</summary>
    public static PngHeader Parse(ReadOnlySpan<byte> file, string path)
    {
        if (!file.StartsWith(Signature))
        {
            throw PngFault.Create(path, file.IsEmpty ? "The file is empty." : "The file does not begin as a PNG does.");
        }

        if (file.Length < FileLength)
        {
            throw PngFault.Create(path, $"The file ends after {file.Length} bytes, within its header.");
        }

        var chunk = file[(SignatureLength + 4)..];
        if (BinaryPrimitives.ReadUInt32BigEndian(file[SignatureLength..]) != DataLength || !chunk.StartsWith("IHDR"u8))
        {
            throw PngFault.Create(path, "The PNG does not begin with an IHDR chunk of 13 bytes.");
        }

        if (Crc32.HashToUInt32(chunk[..(4 + DataLength)]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[(4 + DataLength)..]))
        {
            throw PngFault.Create(path, "The PNG chunk IHDR has a wrong checksum.");
        }

        var data = chunk[4..];
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width == 0 || height == 0 || width > MaximumPixels || height > MaximumPixels || (ulong)width * height > MaximumPixels)
        {
            throw PngFault.Create(path, $"The PNG says that it is {width} x {height} pixels; 1 to {MaximumPixels} in all can be read.");
        }

        var header = new PngHeader((int)width, (int)height, data[8], (PngColorType)data[9], data[12] == 1);
        if (!header.IsDepthAllowed() || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw PngFault.Create(path, $"The PNG has bit depth {data[8]}, colour type {data[9]}, compression {data[10]}, filter {data[11]}, interlace {data[12]}, which the format does not know.");
        }

        return header;
    }

    private bool IsDepthAllowed() => ColorType switch
    {
        PngColorType.Greyscale => BitDepth is 1 or 2 or 4 or 8 or 16,
        PngColorType.Palette => BitDepth is 1 or 2 or 4 or 8,
        PngColorType.Truecolour or PngColorType.GreyscaleWithAlpha or PngColorType.TruecolourWithAlpha => BitDepth is 8 or 16,
        _ => false,
    };
}
