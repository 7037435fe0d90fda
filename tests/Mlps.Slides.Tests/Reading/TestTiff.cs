using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides.Tests.Reading;

/// <summary>Writes small TIFF files of every kind by LibTiff.</summary>
internal sealed record TestTiff
{
    public int Width { get; init; } = 300;

    public int Height { get; init; } = 200;

    /// <summary>Side of the tiles; 0 for strips.</summary>
    public int Tile { get; init; } = 64;

    public int RowsPerStrip { get; init; } = 7;

    public Compression Compression { get; init; } = Compression.LZW;

    public Photometric Photometric { get; init; } = Photometric.RGB;

    public int Samples { get; init; } = 3;

    public int Bits { get; init; } = 8;

    public bool ArePlanesApart { get; init; }

    public string? Description { get; init; }

    public (double Resolution, ResUnit Unit)? Resolution { get; init; }

    /// <summary>Levels, each half the one before.</summary>
    public int Levels { get; init; } = 1;

    /// <summary>Whether the levels are inside the first picture, as in OME-TIFF.</summary>
    public bool AreLevelsInner { get; init; }

    public bool IsBigEndian { get; init; }

    public bool IsBig { get; init; }

    /// <summary>A sample of a pixel of the full picture.</summary>
    public Func<int, int, int, byte> Sample { get; init; } = static (x, y, sample) => sample switch
    {
        0 => StubSource.Pattern(x, y).Red,
        1 => StubSource.Pattern(x, y).Green,
        2 => StubSource.Pattern(x, y).Blue,
        _ => 255,
    };

    public string Write(string path)
    {
        var tiff = Tiff.Open(path, "w" + (IsBigEndian ? "b" : "l") + (IsBig ? "8" : string.Empty));
        for (var level = 0; level < Levels; level++)
        {
            WritePage(tiff, level);
            tiff.WriteDirectory();
        }

        tiff.Dispose();
        if (AreLevelsInner)
        {
            File.WriteAllBytes(path, WithInnerLevels(File.ReadAllBytes(path)));
        }

        return path;
    }

    /// <summary>Moves all directories but the first into the first: a new first directory at the end of a classic little-endian file names them.</summary>
    private static byte[] WithInnerLevels(byte[] file)
    {
        const int HeaderPlace = 4, EntryLength = 12, Long = 4;
        var first = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(HeaderPlace));
        int Entries(int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));
        int Next(int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 2 + (Entries(at) * EntryLength)));
        var inner = new List<int>();
        for (var at = Next(first); at != 0; at = Next(at))
        {
            inner.Add(at);
        }

        var output = new MemoryStream();
        var writer = new BinaryWriter(output);
        writer.Write(file);
        inner.ForEach(writer.Write);
        var directory = (int)output.Position;
        writer.Write((ushort)(Entries(first) + 1));
        var isWritten = false;
        for (var entry = 0; entry < Entries(first); entry++)
        {
            var bytes = file.AsSpan(first + 2 + (entry * EntryLength), EntryLength);
            if (!isWritten && BinaryPrimitives.ReadUInt16LittleEndian(bytes) > (int)TiffTag.SUBIFD)
            {
                WriteInner();
            }

            writer.Write(bytes);
        }

        if (!isWritten)
        {
            WriteInner();
        }

        writer.Write(0);
        var result = output.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(HeaderPlace), directory);
        inner.ForEach(at => BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(at + 2 + (Entries(at) * EntryLength)), 0));
        return result;

        void WriteInner()
        {
            isWritten = true;
            writer.Write((ushort)TiffTag.SUBIFD);
            writer.Write((ushort)Long);
            writer.Write(inner.Count);
            writer.Write(inner.Count == 1 ? inner[0] : file.Length);
        }
    }

    private void WritePage(Tiff tiff, int level)
    {
        var (width, height) = (Math.Max(1, Width >> level), Math.Max(1, Height >> level));
        tiff.SetField(TiffTag.IMAGEWIDTH, width);
        tiff.SetField(TiffTag.IMAGELENGTH, height);
        tiff.SetField(TiffTag.BITSPERSAMPLE, Bits);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, Samples);
        tiff.SetField(TiffTag.PHOTOMETRIC, Photometric);
        tiff.SetField(TiffTag.COMPRESSION, Compression);
        tiff.SetField(TiffTag.PLANARCONFIG, ArePlanesApart ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
        tiff.SetField(TiffTag.ORIENTATION, Orientation.TOPLEFT);
        if (Samples == 4)
        {
            tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { (short)ExtraSample.UNASSALPHA });
        }

        if (level > 0)
        {
            tiff.SetField(TiffTag.SUBFILETYPE, FileType.REDUCEDIMAGE);
        }

        if (Description is not null && level == 0)
        {
            tiff.SetField(TiffTag.IMAGEDESCRIPTION, Description);
        }

        if (Resolution is var (resolution, unit))
        {
            tiff.SetField(TiffTag.XRESOLUTION, resolution);
            tiff.SetField(TiffTag.YRESOLUTION, resolution);
            tiff.SetField(TiffTag.RESOLUTIONUNIT, unit);
        }

        if (Compression is Compression.JPEG)
        {
            tiff.SetField(TiffTag.JPEGQUALITY, 95);
            if (Photometric is Photometric.YCBCR)
            {
                tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            }
        }

        if (Tile > 0)
        {
            tiff.SetField(TiffTag.TILEWIDTH, Tile);
            tiff.SetField(TiffTag.TILELENGTH, Tile);
        }
        else
        {
            tiff.SetField(TiffTag.ROWSPERSTRIP, RowsPerStrip);
        }

        WritePieces(tiff, width, height, level);
    }

    private void WritePieces(Tiff tiff, int width, int height, int level)
    {
        var (pieceWidth, pieceHeight) = Tile > 0 ? (Tile, Tile) : (width, RowsPerStrip);
        var number = 0;
        for (var plane = 0; plane < (ArePlanesApart ? Samples : 1); plane++)
        {
            for (var top = 0; top < height; top += pieceHeight)
            {
                for (var left = 0; left < width; left += pieceWidth)
                {
                    var rows = Tile > 0 ? pieceHeight : Math.Min(pieceHeight, height - top);
                    var bytes = Piece(left, top, pieceWidth, rows, level, plane);
                    if (Tile > 0)
                    {
                        tiff.WriteEncodedTile(number++, bytes, bytes.Length);
                    }
                    else
                    {
                        tiff.WriteEncodedStrip(number++, bytes, bytes.Length);
                    }
                }
            }
        }
    }

    private byte[] Piece(int left, int top, int width, int height, int level, int plane)
    {
        var samples = ArePlanesApart ? 1 : Samples;
        var bytes = new byte[width * height * samples * Bits / 8];
        var at = 0;
        for (var y = top; y < top + height; y++)
        {
            for (var x = left; x < left + width; x++)
            {
                for (var sample = 0; sample < samples; sample++)
                {
                    var value = Sample(x << level, y << level, ArePlanesApart ? plane : sample);
                    bytes[at++] = value;
                    if (Bits == 16)
                    {
                        bytes[at++] = value;
                    }
                }
            }
        }

        return bytes;
    }
}
