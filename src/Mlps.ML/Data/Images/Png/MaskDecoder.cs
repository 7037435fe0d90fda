using System.Buffers;

namespace Mlps.ML.Png;

/// <summary>Turns the samples of a PNG into class indices.</summary>
internal static class MaskDecoder
{
    /// <summary>Palette indices, or grey values taken as indices.</summary>
    public static void ReadIndices(PooledFile file, in PngChunks chunks, Span<byte> indices, string path)
    {
        var header = chunks.Header;
        if (header.Channels != 1 || header.BitDepth > 8)
        {
            throw new TissueDataException(
                path,
                $"The PNG has {header.BitDepth}-bit samples of kind {header.ColorType}, which are no indices.",
                "Masks are palette PNGs of at most 8 bits a pixel, or greyscale ones whose values are the indices; PalettePng.ReadMask also reads truecolour masks in the classes' colours.");
        }

        PngSamples.Decode(file.Array, chunks, indices, path);
        if (header.ColorType == PngColorType.Palette)
        {
            var colors = (chunks.Palette.End.Value - chunks.Palette.Start.Value) / PngChunks.PaletteEntryLength;
            var stray = indices.IndexOfAnyExceptInRange((byte)0, (byte)(colors - 1));
            if (stray >= 0)
            {
                throw PngFault.Create(path, $"The pixel {At(stray, header)} has palette index {indices[stray]}, and the palette {colors} colours.");
            }
        }
    }

    /// <summary>Class indices 0..C.</summary>
    public static void ReadMask(PooledFile file, in PngChunks chunks, TissueClasses classes, Span<byte> indices, string path)
    {
        var header = chunks.Header;
        if (header is { ColorType: PngColorType.Truecolour or PngColorType.TruecolourWithAlpha, BitDepth: 8 })
        {
            ReadColors(file, chunks, classes, indices, path);
            return;
        }

        ReadIndices(file, chunks, indices, path);
        if (header.ColorType == PngColorType.Palette)
        {
            MaskPalette.RequireOrder(Colors(file.Bytes[chunks.Palette]), indices, classes, path);
        }

        var stray = indices.IndexOfAnyExceptInRange((byte)0, (byte)classes.Count);
        if (stray >= 0)
        {
            throw new TissueDataException(
                path,
                $"The pixel {At(stray, header)} has index {indices[stray]}, which no class has.",
                $"Mask indices are 0 to {classes.Count - 1} ({string.Join(", ", classes.Names)}) and {classes.BackgroundIndex} for background.");
        }
    }

    public static IReadOnlyList<TissueColor> Colors(ReadOnlySpan<byte> palette)
    {
        var colors = new TissueColor[palette.Length / PngChunks.PaletteEntryLength];
        for (var i = 0; i < colors.Length; i++)
        {
            colors[i] = new TissueColor(palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]);
        }

        return colors;
    }

    private static void ReadColors(PooledFile file, in PngChunks chunks, TissueClasses classes, Span<byte> indices, string path)
    {
        var header = chunks.Header;
        var channels = header.Channels;
        var length = checked(indices.Length * channels);
        var samples = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            PngSamples.Decode(file.Array, chunks, samples.AsSpan(0, length), path);
            var last = classes.Palette[0];
            byte lastIndex = 0;
            for (int i = 0, sample = 0; i < indices.Length; i++, sample += channels)
            {
                var color = new TissueColor(samples[sample], samples[sample + 1], samples[sample + 2]);
                if (color != last)
                {
                    (last, lastIndex) = (color, IndexOf(color, classes, i, header, path));
                }

                indices[i] = lastIndex;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    private static byte IndexOf(TissueColor color, TissueClasses classes, int pixel, in PngHeader header, string path)
    {
        for (var index = 0; index < classes.Palette.Count; index++)
        {
            if (classes.Palette[index] == color)
            {
                return (byte)index;
            }
        }

        throw new TissueDataException(
            path,
            $"The pixel {At(pixel, header)} has the colour {color}, which no class has.",
            $"The classes' colours are {string.Join(", ", classes.Palette)}; write masks as PNG, never as JPEG, and without smoothing.");
    }

    private static string At(int pixel, in PngHeader header) => $"({pixel % header.Width}, {pixel / header.Width})";
}
