using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class OverviewPictureTests
{
    [Theory]
    [InlineData(900, 700)]
    [InlineData(2500, 400)]
    [InlineData(300, 2600)]
    [InlineData(3, 2)]
    public void It_fits_whatever_the_slides_shape(int width, int height)
    {
        using var folder = new TemporaryFolder();
        var mask = Large(width, height);
        var slide = TestSlide.Of(mask);
        var picture = OverviewPicture.Draw(new PaintedSlide(mask, slide).Read(width, height), mask, slide, SlideAreas.Count(mask, slide));
        Assert.InRange(Math.Max(picture.Width, picture.Height), 100, OverviewPicture.MaximumSize);
        if (Environment.GetEnvironmentVariable("MLPS_LOOK") is { } look)
        {
            picture.Save(Path.Combine(look, $"overview-{width}.png"));
        }
    }

    private static ArrayMask Large(int width, int height) =>
        ArrayMask.Create(width, height, (x, y) =>
        {
            var wave = Math.Sin(x / 60.0) + Math.Cos(y / 47.0) + Math.Sin((x + y) / 130.0);
            return wave > 1.6 ? MaskValue.NotLookedAt : wave > 0.7 ? (byte)0 : wave > -0.5 ? (byte)3 : wave > -1.4 ? (byte)2 : (byte)4;
        });
}
