using System.IO.Compression;
using Mlps.ML.Png;

namespace Mlps.ML;

/// <summary>Palette PNG files as exact indices, which decoders that turn palettes into colours lose.</summary>
/// <remarks>Reading is strict: chunk order, lengths and checksums, and the completeness of the pixels are all checked. Interlaced files and 1, 2, 4 and 8 bits a pixel are read.</remarks>
public static class PalettePng
{
    private const int MaximumColors = 256;

    /// <summary>Reads the indices of a palette PNG, or the values of a greyscale PNG of at most 8 bits as indices.</summary>
    /// <exception cref="TissueDataException">The file is unreadable, damaged or truncated, has another colour type, or an index without a colour.</exception>
    public static PaletteImage Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var file = PooledFile.Read(path);
        var chunks = PngChunks.Walk(file.Bytes, path);
        var indices = RoomFor(chunks, path);
        MaskDecoder.ReadIndices(file, chunks, indices, path);
        return new PaletteImage(indices, chunks.Header.Width, chunks.Header.Height, MaskDecoder.Colors(file.Bytes[chunks.Palette]));
    }

    /// <summary>Reads a mask as class indices 0..C: of palette and greyscale files the indices themselves, of truecolour files the indices of the classes' colours.</summary>
    /// <param name="path">The mask.</param>
    /// <param name="classes">The C classes that indices and colours may name; C itself is background.</param>
    /// <exception cref="TissueDataException">The file is unreadable, damaged or truncated, or a pixel's index or colour names no class.</exception>
    public static PaletteImage ReadMask(string path, TissueClasses classes)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(classes);
        using var file = PooledFile.Read(path);
        var chunks = PngChunks.Walk(file.Bytes, path);
        var indices = RoomFor(chunks, path);
        MaskDecoder.ReadMask(file, chunks, classes, indices, path);
        return new PaletteImage(indices, chunks.Header.Width, chunks.Header.Height, classes.Palette);
    }

    /// <summary>Reads a mask as class indices into memory that the caller owns.</summary>
    /// <param name="path">The mask.</param>
    /// <param name="classes">The C classes that indices and colours may name; C itself is background.</param>
    /// <param name="width">The width that the mask must have, in pixels.</param>
    /// <param name="height">The height that the mask must have, in pixels.</param>
    /// <param name="indices">[H, W], filled with 0..C.</param>
    /// <exception cref="TissueDataException">As in <see cref="ReadMask(string, TissueClasses)"/>, or the mask has another size.</exception>
    public static void ReadMask(string path, TissueClasses classes, int width, int height, Span<byte> indices)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(indices.Length, width * height);
        using var file = PooledFile.Read(path);
        var chunks = PngChunks.Walk(file.Bytes, path);
        if (chunks.Header.Width != width || chunks.Header.Height != height)
        {
            throw new TissueDataException(
                path,
                $"The mask is {chunks.Header.Width} x {chunks.Header.Height} pixels, and its image {width} x {height}.",
                "A mask has the size of its image.");
        }

        MaskDecoder.ReadMask(file, chunks, classes, indices, path);
    }

    /// <summary>Writes a palette PNG of 8 bits a pixel; the file is complete or absent.</summary>
    /// <remarks>Equal pixels give equal bytes.</remarks>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="indices">[H, W], row by row from the top left, each below the number of colours.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">1 to 256 colours.</param>
    /// <exception cref="ArgumentException">The indices do not fill width x height, or one has no colour, or there are no or too many colours.</exception>
    public static void Write(string path, ReadOnlySpan<byte> indices, int width, int height, IReadOnlyList<TissueColor> palette)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OutputFile.Write(path, ToBytes(indices, width, height, palette));
    }

    /// <summary>Writes a palette PNG of 8 bits a pixel to a stream, all bytes at once; the bytes are those of the file.</summary>
    /// <param name="stream">Where to write; it stays open.</param>
    /// <param name="indices">[H, W], row by row from the top left, each below the number of colours.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">1 to 256 colours.</param>
    /// <exception cref="ArgumentException">The indices do not fill width x height, or one has no colour, or there are no or too many colours, or the stream cannot be written.</exception>
    public static void Write(Stream stream, ReadOnlySpan<byte> indices, int width, int height, IReadOnlyList<TissueColor> palette)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException("The stream cannot be written.", nameof(stream));
        }

        stream.Write(ToBytes(indices, width, height, palette));
    }

    /// <summary>The bytes of a palette PNG of 8 bits a pixel: what a file of it would hold.</summary>
    /// <remarks>Equal pixels give equal bytes.</remarks>
    /// <param name="indices">[H, W], row by row from the top left, each below the number of colours.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="palette">1 to 256 colours.</param>
    /// <exception cref="ArgumentException">The indices do not fill width x height, or one has no colour, or there are no or too many colours.</exception>
    public static byte[] ToBytes(ReadOnlySpan<byte> indices, int width, int height, IReadOnlyList<TissueColor> palette)
    {
        ArgumentNullException.ThrowIfNull(palette);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if ((long)width * height != indices.Length)
        {
            throw new ArgumentException($"{width} x {height} pixels need {(long)width * height} indices; there are {indices.Length}.", nameof(indices));
        }

        if (palette.Count is 0 or > MaximumColors)
        {
            throw new ArgumentException($"A palette has 1 to {MaximumColors} colours; this one has {palette.Count}.", nameof(palette));
        }

        var stray = indices.IndexOfAnyExceptInRange((byte)0, (byte)(palette.Count - 1));
        if (stray >= 0)
        {
            throw new ArgumentException($"The index {indices[stray]} at ({stray % width}, {stray / width}) has no colour; the palette has {palette.Count}.", nameof(indices));
        }

        var colors = new byte[palette.Count * PngChunks.PaletteEntryLength];
        for (var i = 0; i < palette.Count; i++)
        {
            (colors[i * 3], colors[(i * 3) + 1], colors[(i * 3) + 2]) = (palette[i].Red, palette[i].Green, palette[i].Blue);
        }

        return PngEncoder.Encode(indices, width, height, PngColorType.Palette, colors, CompressionLevel.Optimal);
    }

    /// <summary>Memory for the indices, once the file can hold as many pixels as its header says and they fit the machine.</summary>
    private static byte[] RoomFor(in PngChunks chunks, string path)
    {
        PngSamples.RequireData(chunks, path);
        ImageLimit.Check(chunks.Header.Width, chunks.Header.Height, PngHeader.MaximumPixels, path);
        return new byte[chunks.Header.Width * chunks.Header.Height];
    }
}
