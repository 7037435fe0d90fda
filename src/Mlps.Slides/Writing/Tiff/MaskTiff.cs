using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes a mask as a tiled TIFF with all its levels, in which the value of a pixel is its class and the palette has the classes' colours.</summary>
/// <remarks>
/// Tiles are of 256 px and deflated. Levels are directories marked as reduced images, each half of the one before, down to one tile: OpenSlide and libvips read both
/// levels and palette. Equal tiles of one class are stored once. Resolution tags give the size of pixels. The file is a BigTIFF where it might grow beyond 4 GiB.
/// Equal masks give equal bytes.
/// </remarks>
internal sealed class MaskTiff
{
    /// <summary>Side of a tile.</summary>
    public const int TileSize = 256;

    private const int TileArea = TileSize * TileSize;
    private const int PaletteSize = 256;
    private const ushort Deflate = 8;
    private const ushort Palette = 3;
    private const ushort Centimetre = 3;
    private const double MicronsPerCentimetre = 1e4;
    private const int ReducedImage = 1;

    /// <summary>Every byte of a tile as 16 bits: the colour 0..255 of a palette is 0..65535.</summary>
    private const int ByteToShort = 257;

    /// <summary>A classic TIFF ends at 4 GiB; a deflated tile is at most a thousandth longer than its pixels.</summary>
    private const long ClassicLimit = 4_000_000_000;

    private readonly SlideDescription _slide;
    private readonly Level[] _levels;
    private readonly bool _isBig;
    private readonly Stream _file;
    private readonly Dictionary<int, (long Offset, long Length)> _solid = [];
    private long _position;

    private MaskTiff(IMaskRows rows, SlideDescription slide, Stream file, bool forceBig)
    {
        _slide = slide;
        _file = file;
        _levels = new Level[TilePyramid.LevelsToOneTile(rows.Width, rows.Height, TileSize)];
        var (width, height) = (rows.Width, rows.Height);
        for (var level = 0; level < _levels.Length; level++)
        {
            _levels[level] = new Level(width, height);
            (width, height) = (TilePyramid.Half(width), TilePyramid.Half(height));
        }

        _isBig = forceBig || _levels.Sum(level => (long)level.Offsets.Length) * TileArea > ClassicLimit;
    }

    /// <summary>Writes the file; it is complete or absent.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="forceBig">Whether to write a BigTIFF in any case.</param>
    /// <param name="cancellation">Stops the writing; an existing file is unchanged then.</param>
    public static void Write(string path, IMaskRows rows, SlideDescription slide, bool forceBig = false, CancellationToken cancellation = default)
    {
        slide = slide.Checked();
        AtomicFile.Write(path, stream => new MaskTiff(rows, slide, stream, forceBig).Write(rows, cancellation));
    }

    private void Write(IMaskRows rows, CancellationToken cancellation)
    {
        Append(new byte[_isBig ? 16 : 8]);
        var pyramid = new TilePyramid(rows.Width, rows.Height, bytesAPixel: 1, TileSize, _levels.Length, ClassHalving.HalveRow, AddTiles);
        pyramid.Add(rows, cancellation);
        if (_position % 2 != 0)
        {
            Append([0]);
        }

        var first = _position;
        for (var level = 0; level < _levels.Length; level++)
        {
            Append(Directory(level).ToBytes(_position, isLast: level == _levels.Length - 1));
        }

        _file.Position = 0;
        _file.Write(Header(first));
    }

    private void AddTiles(int index, int tileRow, byte[] rows, int count)
    {
        var level = _levels[index];
        var deflated = new byte[level.Columns][];
        var solid = new int[level.Columns];
        ParallelLoop.For(level.Columns, column =>
        {
            var tile = new byte[TileArea];
            CopyTile(rows, level.Width, column * TileSize, count, tile);
            solid[column] = tile.AsSpan().ContainsAnyExcept(tile[0]) ? -1 : tile[0];
            deflated[column] = solid[column] >= 0 && _solid.ContainsKey(solid[column]) ? [] : Deflated(tile);
        });

        for (var column = 0; column < level.Columns; column++)
        {
            var tile = (tileRow * level.Columns) + column;
            if (solid[column] < 0 || !_solid.TryGetValue(solid[column], out var stored))
            {
                stored = (_position, deflated[column].Length);
                Append(deflated[column]);
                if (solid[column] >= 0)
                {
                    _solid.Add(solid[column], stored);
                }
            }

            (level.Offsets[tile], level.Lengths[tile]) = stored;
        }
    }

    /// <summary>Copies a tile; beyond the mask it repeats the mask's last pixels, which deflate to nothing.</summary>
    private static void CopyTile(byte[] rows, int width, int left, int count, Span<byte> tile)
    {
        var inside = Math.Min(TileSize, width - left);
        for (var y = 0; y < count; y++)
        {
            var row = tile.Slice(y * TileSize, TileSize);
            rows.AsSpan((y * width) + left, inside).CopyTo(row);
            row[inside..].Fill(row[inside - 1]);
        }

        var last = tile.Slice((count - 1) * TileSize, TileSize);
        for (var y = count; y < TileSize; y++)
        {
            last.CopyTo(tile.Slice(y * TileSize, TileSize));
        }
    }

    private static byte[] Deflated(byte[] tile)
    {
        var deflated = new MemoryStream();
        using (var deflater = new ZLibStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflater.Write(tile);
        }

        return deflated.ToArray();
    }

    private void Append(byte[] bytes)
    {
        _file.Write(bytes);
        _position += bytes.Length;
    }

    private byte[] Header(long firstDirectory)
    {
        var header = new byte[_isBig ? 16 : 8];
        "II"u8.CopyTo(header);
        header[2] = _isBig ? (byte)43 : (byte)42;
        if (_isBig)
        {
            header[4] = sizeof(long);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), firstDirectory);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), checked((uint)firstDirectory));
        }

        return header;
    }

    private TiffDirectory Directory(int index)
    {
        var level = _levels[index];
        var directory = new TiffDirectory(_isBig);
        directory.SetLong(MaskTiffTag.NewSubfileType, index == 0 ? 0 : ReducedImage);
        directory.SetLong(MaskTiffTag.ImageWidth, level.Width);
        directory.SetLong(MaskTiffTag.ImageLength, level.Height);
        directory.SetShorts(MaskTiffTag.BitsPerSample, 8);
        directory.SetShorts(MaskTiffTag.Compression, Deflate);
        directory.SetShorts(MaskTiffTag.PhotometricInterpretation, Palette);
        directory.SetShorts(MaskTiffTag.SamplesPerPixel, 1);
        directory.SetShorts(MaskTiffTag.PlanarConfiguration, 1);
        directory.SetShorts(MaskTiffTag.ResolutionUnit, Centimetre);
        var resolution = MicronsPerCentimetre / (_slide.MaskMicronsPerPixel * (1L << index));
        directory.SetRational(MaskTiffTag.XResolution, resolution);
        directory.SetRational(MaskTiffTag.YResolution, resolution);
        directory.SetText(MaskTiffTag.Software, "Mlps");
        if (index == 0)
        {
            directory.SetText(MaskTiffTag.ImageDescription, Description());
        }

        directory.SetShorts(MaskTiffTag.ColorMap, ColorMap());
        directory.SetShorts(MaskTiffTag.TileWidth, TileSize);
        directory.SetShorts(MaskTiffTag.TileLength, TileSize);
        directory.SetOffsets(MaskTiffTag.TileOffsets, level.Offsets);
        directory.SetOffsets(MaskTiffTag.TileByteCounts, level.Lengths);
        return directory;
    }

    /// <summary>The meaning of each value, a line each.</summary>
    private string Description()
    {
        var text = new StringBuilder("Mlps tissue classes\n");
        for (var index = 0; index < _slide.Classes.Count; index++)
        {
            text.Append(index).Append('=').Append(_slide.Classes[index].Name).Append('\n');
        }

        if (_slide.Classes.Background is { } background)
        {
            text.Append(_slide.Classes.BackgroundIndex).Append('=').Append(background.Name).Append('\n');
        }

        return text.Append(MaskValue.NotLookedAt).Append("=not looked at\n").ToString();
    }

    /// <summary>All reds, then all greens, then all blues. What is neither a class nor background is white.</summary>
    private ushort[] ColorMap()
    {
        var map = new ushort[3 * PaletteSize];
        for (var value = 0; value < PaletteSize; value++)
        {
            var color = value < _slide.Classes.Palette.Count ? _slide.Classes.Palette[value] : TissueColor.White;
            map[value] = (ushort)(color.Red * ByteToShort);
            map[PaletteSize + value] = (ushort)(color.Green * ByteToShort);
            map[(2 * PaletteSize) + value] = (ushort)(color.Blue * ByteToShort);
        }

        return map;
    }

    private sealed class Level
    {
        public Level(int width, int height)
        {
            (Width, Height) = (width, height);
            Columns = (width + TileSize - 1) / TileSize;
            var tiles = Columns * ((height + TileSize - 1) / TileSize);
            Offsets = new long[tiles];
            Lengths = new long[tiles];
        }

        public int Width { get; }

        public int Height { get; }

        public int Columns { get; }

        public long[] Offsets { get; }

        public long[] Lengths { get; }
    }
}
