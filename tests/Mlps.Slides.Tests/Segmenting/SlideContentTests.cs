using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>Results of one slide are not taken for those of another with the same name and length.</summary>
public sealed class SlideContentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(3_000_000)]
    public void Digest_OfACopy_IsTheSame_AndOfOtherPixelsAnother(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        var path = Write("a/x.tif", bytes);
        var copy = Write("b/y.tif", bytes);
        var others = Array.ConvertAll(bytes, value => (byte)(value ^ 1));

        Assert.Equal(SlideContent.Digest(path), SlideContent.Digest(copy));
        Assert.Equal(length == 0, SlideContent.Digest(path) == SlideContent.Digest(Write("c/x.tif", others)));
        Assert.NotEqual(SlideContent.Digest(path), SlideContent.Digest(Write("d/x.tif", [.. bytes, 0])));
    }

    [Fact]
    public void Digest_OfMirax_CountsItsFolder()
    {
        var path = Write("a.mrxs", [1, 2, 3]);
        Write("a/Data0000.dat", [4, 5, 6]);
        var before = SlideContent.Digest(path);

        Write("a/Data0000.dat", [4, 5, 7]);

        Assert.NotEqual(before, SlideContent.Digest(path));
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }
}
