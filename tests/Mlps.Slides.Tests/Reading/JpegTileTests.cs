using System.Buffers.Binary;
using SkiaSharp;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>Pieces of a TIFF that are JPEG streams of their own, and may say another height than the directory.</summary>
public sealed class JpegTileTests
{
    private const int Height = 16;

    /// <summary>All rows of a stream are decoded for those of its piece, so there is a limit.</summary>
    [Theory]
    [InlineData(64, true)]
    [InlineData(65_500, false)]
    public void TryDecode_StreamOfMoreRowsThanItsPiece_IsDecodedUpToALimit(int rows, bool expected)
    {
        const int width = 1032;
        var rgb = new byte[width * Height * 3];

        Assert.Equal(expected, JpegTile.TryDecode([], Grey(width, rows), isYcbcr: true, width, Height, rgb));

        Assert.Equal(expected ? (byte)128 : (byte)0, rgb.Distinct().Single());
    }

    [Theory]
    [InlineData(8, Height)]
    [InlineData(16, Height / 2)]
    public void TryDecode_StreamOfAnotherWidthOrFewerRows_IsLeft(int width, int rows)
    {
        using var picture = new SKBitmap(width, rows);
        using var stream = picture.Encode(SKEncodedImageFormat.Jpeg, quality: 90);

        Assert.False(JpegTile.TryDecode([], stream.AsSpan(), isYcbcr: true, 16, Height, new byte[16 * Height * 3]));
    }

    /// <summary>A whole JPEG of one grey: in the standard's code, each of its blocks is 001010, no difference and no more.</summary>
    private static byte[] Grey(int width, int rows)
    {
        using var start = new SKBitmap(new SKImageInfo(width, 8, SKColorType.Gray8, SKAlphaType.Opaque));
        start.Erase(new SKColor(128, 128, 128));
        using var stream = start.Encode(SKEncodedImageFormat.Jpeg, quality: 90);
        var header = stream.ToArray().AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(header[(header.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 5)..], (ushort)rows);
        var scan = header.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 2;
        scan += BinaryPrimitives.ReadUInt16BigEndian(header[scan..]);
        var fours = width / 8 * ((rows + 7) / 8) / 4;
        return [.. header[..scan], .. Enumerable.Repeat((byte[])[0x28, 0xA2, 0x8A], fours + 1).SelectMany(four => four), 0xFF, 0xD9];
    }
}
