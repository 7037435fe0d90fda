using System.Buffers;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Reads a tile of a level by one handle of LibTiff.</summary>
internal readonly struct TiffTileReader(Tiff tiff, TiffPage page, SourceLevel level)
{
    private const int RgbBytes = SourceLevel.RgbBytes;

    /// <summary>Reads a tile onto white; false where LibTiff fails.</summary>
    public bool TryRead(int column, int row, Span<byte> rgb)
    {
        if (!page.IsPlain)
        {
            return TryReadConverted(column, row, rgb);
        }

        if (!page.IsTiled && page.Compression is Compression.NONE)
        {
            return TryReadLines(row * level.TileHeight, rgb);
        }

        return page.IsTiled
            ? TryReadPiece(tiff.ComputeTile(column * level.TileWidth, row * level.TileHeight, 0, 0), level.TileHeight, rgb)
            : TryReadStrips(row, rgb);
    }

    /// <summary>Number of rows of the level that a tile of this row has.</summary>
    private int Rows(int row) => Math.Min(level.TileHeight, level.Height - (row * level.TileHeight));

    private bool TryReadStrips(int row, Span<byte> rgb)
    {
        var rows = Rows(row);
        for (var start = 0; start < rows; start += page.PieceHeight)
        {
            var height = Math.Min(page.PieceHeight, rows - start);
            if (!TryReadPiece(tiff.ComputeStrip((row * level.TileHeight) + start, 0), height, rgb.Slice(start * level.TileWidth * RgbBytes, height * level.TileWidth * RgbBytes)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a tile or strip with all its planes.</summary>
    private bool TryReadPiece(int number, int rows, Span<byte> rgb)
    {
        if (IsJpegOfColors && !IsMissing(number) && TryReadJpeg(number, rows, rgb))
        {
            return true;
        }

        var planes = page.ArePlanesApart ? page.Samples : 1;
        var piecesOfPlane = page.ArePlanesApart ? (page.IsTiled ? tiff.NumberOfTiles() : tiff.NumberOfStrips()) / page.Samples : 0;
        var size = page.IsTiled ? tiff.TileSize() : tiff.StripSize();
        var samples = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            for (var plane = 0; plane < planes; plane++)
            {
                var piece = number + (plane * piecesOfPlane);
                if (IsMissing(piece))
                {
                    continue;
                }

                var read = page.IsTiled ? tiff.ReadEncodedTile(piece, samples, 0, size) : tiff.ReadEncodedStrip(piece, samples, 0, size);
                if (read < 0)
                {
                    return false;
                }

                if (page.ArePlanesApart)
                {
                    CopyPlane(samples, plane, rgb);
                }
                else
                {
                    CopyPixels(samples.AsSpan(0, read), rgb[..(rows * level.TileWidth * RgbBytes)]);
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    private bool IsJpegOfColors => page.Compression is Compression.JPEG && page.Samples == RgbBytes && page.Bits == 8 && !page.ArePlanesApart;

    private bool TryReadJpeg(int number, int rows, Span<byte> rgb)
    {
        var length = (int)tiff.RawStripSize(number);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var read = page.IsTiled ? tiff.ReadRawTile(number, bytes, 0, length) : tiff.ReadRawStrip(number, bytes, 0, length);
            return read > 0 && JpegTile.TryDecode(page.JpegTables, bytes.AsSpan(0, read), page.IsYcbcrJpeg, level.TileWidth, rows, rgb[..(rows * level.TileWidth * RgbBytes)]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Scanners leave out tiles on which there is nothing.</summary>
    private bool IsMissing(int piece) => tiff.RawStripSize(piece) <= 0;

    private bool TryReadLines(int top, Span<byte> rgb)
    {
        var line = new byte[tiff.ScanlineSize()];
        var rows = Math.Min(level.TileHeight, level.Height - top);
        for (var row = 0; row < rows; row++)
        {
            var target = rgb.Slice(row * level.TileWidth * RgbBytes, level.TileWidth * RgbBytes);
            for (var plane = 0; plane < (page.ArePlanesApart ? page.Samples : 1); plane++)
            {
                if (!tiff.ReadScanline(line, top + row, (short)plane))
                {
                    return false;
                }

                if (page.ArePlanesApart)
                {
                    CopyPlane(line, plane, target);
                }
                else
                {
                    CopyPixels(line, target);
                }
            }
        }

        return true;
    }

    /// <summary>Copies interleaved samples; one sample is grey.</summary>
    private void CopyPixels(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        var bytes = page.Bits / 8;
        var step = page.Samples * bytes;
        var high = bytes - 1 == 0 || !BitConverter.IsLittleEndian ? 0 : 1;
        var isColor = page.Photometric is Photometric.RGB or Photometric.YCBCR;
        var flip = page.Photometric is Photometric.MINISWHITE ? byte.MaxValue : (byte)0;
        var hasAlpha = isColor && page.Samples == 4 && page.Alpha is ExtraSample.ASSOCALPHA or ExtraSample.UNASSALPHA;
        var isMultiplied = page.Alpha is ExtraSample.ASSOCALPHA;
        if (isColor && step == RgbBytes)
        {
            var length = Math.Min(samples.Length, rgb.Length);
            samples[..length].CopyTo(rgb);
            return;
        }

        var (green, blue) = isColor ? (bytes, 2 * bytes) : (0, 0);
        for (int from = high, to = 0; to < rgb.Length && from + step - high <= samples.Length; from += step, to += RgbBytes)
        {
            rgb[to] = (byte)(samples[from] ^ flip);
            rgb[to + 1] = (byte)(samples[from + green] ^ flip);
            rgb[to + 2] = (byte)(samples[from + blue] ^ flip);
            if (hasAlpha)
            {
                LayOnWhite(rgb.Slice(to, RgbBytes), samples[from + (3 * bytes)], isMultiplied);
            }
        }
    }

    /// <summary>Copies one plane: a colour, or grey for all three. Others, transparency too, are passed over.</summary>
    private void CopyPlane(ReadOnlySpan<byte> samples, int plane, Span<byte> rgb)
    {
        var isColor = page.Photometric is Photometric.RGB or Photometric.YCBCR;
        if (plane >= (isColor ? RgbBytes : 1))
        {
            return;
        }

        var bytes = page.Bits / 8;
        var high = bytes - 1 == 0 || !BitConverter.IsLittleEndian ? 0 : 1;
        var flip = page.Photometric is Photometric.MINISWHITE ? byte.MaxValue : (byte)0;
        for (int from = high, to = 0; to < rgb.Length && from < samples.Length; from += bytes, to += RgbBytes)
        {
            var value = (byte)(samples[from] ^ flip);
            rgb[to + plane] = value;
            if (!isColor)
            {
                (rgb[to + 1], rgb[to + 2]) = (value, value);
            }
        }
    }

    /// <summary>Palettes, CMYK and other ways of storing colours, by LibTiff's own conversion.</summary>
    private bool TryReadConverted(int column, int row, Span<byte> rgb)
    {
        var count = page.PieceWidth * page.PieceHeight;
        var raster = ArrayPool<int>.Shared.Rent(count);
        try
        {
            var rows = page.IsTiled ? level.TileHeight : Rows(row);
            for (var start = 0; start < rows; start += page.PieceHeight)
            {
                var top = (row * level.TileHeight) + start;
                var isRead = page.IsTiled ? tiff.ReadRGBATile(column * level.TileWidth, top, raster) : tiff.ReadRGBAStrip(top, raster);
                if (!isRead)
                {
                    return false;
                }

                // The raster's first row is the lowest of the piece, or of what the picture has of a strip.
                var height = page.IsTiled ? page.PieceHeight : Math.Min(page.PieceHeight, rows - start);
                for (var line = 0; line < height; line++)
                {
                    CopyRaster(raster.AsSpan((height - 1 - line) * page.PieceWidth, page.PieceWidth), rgb[((start + line) * level.TileWidth * RgbBytes)..]);
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(raster);
        }
    }

    private static void CopyRaster(ReadOnlySpan<int> raster, Span<byte> rgb)
    {
        var at = 0;
        foreach (var pixel in MemoryMarshal.Cast<int, uint>(raster))
        {
            var target = rgb.Slice(at, RgbBytes);
            (target[0], target[1], target[2]) = ((byte)pixel, (byte)(pixel >> 8), (byte)(pixel >> 16));
            LayOnWhite(target, (byte)(pixel >> 24), isMultiplied: true);
            at += RgbBytes;
        }
    }

    private static void LayOnWhite(Span<byte> rgb, byte alpha, bool isMultiplied)
    {
        if (alpha == byte.MaxValue)
        {
            return;
        }

        foreach (ref var value in rgb)
        {
            value = ImagePixels.LayOnWhite(isMultiplied ? value : (byte)(((value * alpha) + 127) / byte.MaxValue), alpha);
        }
    }
}
