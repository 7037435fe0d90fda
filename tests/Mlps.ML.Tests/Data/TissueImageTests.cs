using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Images that somebody sent: whole ones are decoded, and all others are refused with what was wrong.</summary>
public sealed class TissueImageTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public async Task WholeImage_FromBytesAndFromAStreamThatCannotSeek_IsTheSame(SKEncodedImageFormat format)
    {
        var bytes = Encode(format, 37, 21);

        using var one = TissueImage.FromBytes(bytes);
        using var other = await TissueImage.FromStreamAsync(new OneByteAtATime(bytes));

        Assert.Equal((37, 21), (one.Width, one.Height));
        Assert.Equal(one.Pixels, other.Pixels);
    }

    /// <summary>A directory of one field with 2^31 values kept SkiaSharp's reader of raw files busy for a minute.</summary>
    [Theory]
    [InlineData("II*\0")]
    [InlineData("MM\0*")]
    [InlineData("IIRO")]
    [InlineData("FUJIFILM")]
    public void FromBytes_TiffOrRawFile_IsRefusedUnread(string start)
    {
        byte[] file = [.. System.Text.Encoding.Latin1.GetBytes(start), 8, 0, 0, 0, 1, 0, 2, 1, 2, 0, 255, 255, 255, 127, 8, 0, 0, 0, .. new byte[50_000]];

        Assert.Contains("raw file", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(file)).Message, StringComparison.Ordinal);
    }

    /// <summary>A format without a signature is what damaged files of other formats pass for.</summary>
    [Fact]
    public void FromBytes_WirelessBitmap_IsNoImage()
    {
        byte[] file = [0, 0, 8, 8, .. new byte[8]];

        Assert.Contains("no image of a known format", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoBytes_AreRefused()
    {
        Assert.Contains("There are no bytes.", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes([])).Message, StringComparison.Ordinal);
        Assert.Contains("There are no bytes.", (await Assert.ThrowsAsync<TissueDataException>(() => TissueImage.FromStreamAsync(Stream.Null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_IsNoImage()
    {
        var exception = Assert.Throws<TissueDataException>(() => TissueImage.FromBytes("{\"image\": 1}"u8, "upload.png"));

        Assert.StartsWith("upload.png: The file is no image of a known format.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void CutImage_IsRefusedWhereverItIsCut(SKEncodedImageFormat format)
    {
        var bytes = Encode(format, 64, 64);
        for (var length = 0; length < bytes.Length - 20; length += 7)
        {
            var cut = bytes[..length];

            Assert.StartsWith("The image: ", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(cut)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ChangedPng_IsRefused()
    {
        var bytes = Encode(SKEncodedImageFormat.Png, 64, 64);
        bytes[bytes.Length / 2] ^= 1;

        Assert.Contains("wrong checksum", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(bytes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void ImageOfMorePixelsThanAllowed_IsRefusedWithItsSize(SKEncodedImageFormat format)
    {
        var bytes = Encode(format, 64, 32);

        using (TissueImage.FromBytes(bytes, maximumPixels: 2048))
        {
        }

        Assert.Contains("64 x 32 pixels; at most 2047", Assert.Throws<TissueDataException>(() => TissueImage.FromBytes(bytes, maximumPixels: 2047)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(70_000)]
    public async Task StreamOfMoreBytesThanAllowed_IsRefusedWithoutReadingItAll(int limit)
    {
        using var endless = new Endless();

        var exception = await Assert.ThrowsAsync<TissueDataException>(() => TissueImage.FromStreamAsync(endless, maximumBytes: limit));

        Assert.Contains($"more than {limit} bytes", exception.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Read_, limit + 1, (2 * limit) + (1 << 17));
    }

    [Fact]
    public async Task StreamOfJustTheBytesAllowed_IsRead()
    {
        var bytes = Encode(SKEncodedImageFormat.Png, 300, 300, noise: true);
        Assert.True(bytes.Length > 1 << 16);

        using var image = await TissueImage.FromStreamAsync(new MemoryStream(bytes), maximumBytes: bytes.Length);

        Assert.Equal(300, image.Width);
        await Assert.ThrowsAsync<TissueDataException>(() => TissueImage.FromStreamAsync(new MemoryStream(bytes), maximumBytes: bytes.Length - 1));
    }

    [Fact]
    public async Task Cancelled_Stops() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TissueImage.FromStreamAsync(new MemoryStream([1]), cancellationToken: new CancellationToken(canceled: true)));

    private static byte[] Encode(SKEncodedImageFormat format, int width, int height, bool noise = false)
    {
        using var bitmap = new SKBitmap(width, height);
        var random = new Random(1);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, noise ? new SKColor((uint)random.Next() | 0xFF000000) : new SKColor((byte)(3 * x), (byte)(5 * y), (byte)(x ^ y)));
            }
        }

        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>As a network gives it.</summary>
    private sealed class OneByteAtATime(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..1], cancellationToken);
    }

    /// <summary>A body that never ends.</summary>
    private sealed class Endless : MemoryStream
    {
        public long Read_ { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Read_ += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
