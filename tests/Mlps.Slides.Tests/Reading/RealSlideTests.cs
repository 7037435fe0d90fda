using System.Diagnostics;
using System.Globalization;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>OpenSlide and managed code read the same of a real slide.</summary>
public sealed class RealSlideTests
{
    private static readonly SlideOptions _managed = new() { Backend = SlideBackend.Tiff };
    private static readonly SlideOptions _openSlide = new() { Backend = SlideBackend.OpenSlide };

    [SharedSlideFact]
    public void AnAperioSlide_IsReadByManagedCode()
    {
        using var slide = Slide.Open(SharedSlideFactAttribute.Slide, _managed);
        Assert.Equal((2220, 2967, 1, 0.499, "cmu-1-small-region"), (slide.Width, slide.Height, slide.Levels.Count, slide.MicronsPerPixel, slide.Name));
        Assert.Equal("20", slide.Properties["aperio.AppMag"]);
        Assert.Empty(slide.Warnings);

        // Tissue is pink: wrong colours would show.
        var thumbnail = slide.ReadThumbnail(300).Pixels.Span;
        var (red, green, blue) = (0.0, 0.0, 0.0);
        for (var i = 0; i < thumbnail.Length; i += 3)
        {
            (red, green, blue) = (red + thumbnail[i], green + thumbnail[i + 1], blue + thumbnail[i + 2]);
        }

        Assert.True(red > blue && blue > green);
    }

    /// <summary>Decoders of JPEG may round differently: by 2 of 255 at most, and by less than 0.1 on average.</summary>
    [SharedSlideFact(NeedsOpenSlide = true)]
    public void BothBackEnds_GiveTheSamePixels_ButForTheDecodersRounding()
    {
        using var managed = Slide.Open(SharedSlideFactAttribute.Slide, _managed);
        using var openSlide = Slide.Open(SharedSlideFactAttribute.Slide, _openSlide);
        Assert.Equal((openSlide.Width, openSlide.Height, openSlide.MicronsPerPixel), (managed.Width, managed.Height, managed.MicronsPerPixel));
        var (largest, mean) = Difference(managed.ReadRegion(0, 0, 2220, 2967), openSlide.ReadRegion(0, 0, 2220, 2967));
        Assert.True(largest <= 2 && mean < 0.1, string.Create(CultureInfo.InvariantCulture, $"They differ by {largest} at most and {mean} on average."));
        (largest, _) = Difference(managed.ReadRegionAt(31.4, 15.9, 500, 500, 1.1), openSlide.ReadRegionAt(31.4, 15.9, 500, 500, 1.1));
        Assert.InRange(largest, 0, 2);
    }

    [SharedSlideFact(NeedsOpenSlide = true)]
    public void OpenSlide_IsTakenWhereItIsInstalled()
    {
        using var slide = Slide.Open(SharedSlideFactAttribute.Slide);
        Assert.Equal(SlideBackend.OpenSlide, slide.Backend);
        Assert.Equal("aperio", slide.Properties["openslide.vendor"]);
    }

    [VipsFact]
    public void PyramidsThatVipsMakes_AreTheSameByBothBackEnds()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("pyramid.tif");
        Vips("tiffsave", SharedSlideFactAttribute.Slide, path, "--tile", "--tile-width", "256", "--tile-height", "256", "--pyramid", "--compression", "jpeg", "--Q", "85", "--bigtiff");
        using var managed = Slide.Open(path, _managed);
        using var openSlide = Slide.Open(path, _openSlide);
        Assert.True(managed.Levels.Count > 3);
        Assert.Equal(openSlide.Levels, managed.Levels);
        Assert.Equal(openSlide.MicronsPerPixel ?? 0, managed.MicronsPerPixel ?? 0, 6);
        foreach (var downsample in (double[])[1, 1.5, 2, 3.7, 4, 9])
        {
            var side = (int)(1500 / downsample);
            var (largest, mean) = Difference(managed.ReadRegion(101, 202, side, side, downsample), openSlide.ReadRegion(101, 202, side, side, downsample));
            // OpenSlide rounds places on smaller levels to full-resolution pixels, and interpolates between its own.
            Assert.True(downsample < 2 ? largest <= 3 && mean < 0.15 : mean < 1.5, string.Create(CultureInfo.InvariantCulture, $"At {downsample} they differ by {largest} at most and {mean} on average."));
        }
    }

    /// <summary>A level of the pyramid shows the same place as the full picture: a shift of half a pixel would show.</summary>
    [VipsFact]
    public void LevelsOfAPyramid_ShowTheSamePlaces()
    {
        using var folder = new TemporaryFolder();
        var (pyramid, flat) = (folder.File("pyramid.tif"), folder.File("flat.tif"));
        Vips("tiffsave", SharedSlideFactAttribute.Slide, pyramid, "--tile", "--pyramid", "--compression", "deflate");
        Vips("tiffsave", SharedSlideFactAttribute.Slide, flat, "--compression", "deflate");
        using var levels = Slide.Open(pyramid, _managed);
        using var one = Slide.Open(flat, _managed);
        Assert.Single(one.Levels);
        foreach (var downsample in (double[])[2, 4, 8])
        {
            var side = (int)(2000 / downsample);
            byte[] Shifted(double by) => one.ReadRegion(104 + by, 800 + by, side, side, downsample);
            var read = levels.ReadRegion(104, 800, side, side, downsample);
            var here = Difference(read, Shifted(0)).Mean;
            Assert.True(here < Difference(read, Shifted(0.3 * downsample)).Mean && here < Difference(read, Shifted(-0.3 * downsample)).Mean);
            Assert.True(here < 1, string.Create(CultureInfo.InvariantCulture, $"At {downsample} they differ by {here} on average."));
        }
    }

    private static (int Largest, double Mean) Difference(byte[] first, byte[] second)
    {
        var (largest, sum) = (0, 0L);
        for (var i = 0; i < first.Length; i++)
        {
            var difference = Math.Abs(first[i] - second[i]);
            largest = Math.Max(largest, difference);
            sum += difference;
        }

        return (largest, (double)sum / first.Length);
    }

    private static void Vips(params string[] arguments)
    {
        var start = new ProcessStartInfo("vips", arguments);
        start.Environment["VIPS_CONCURRENCY"] = "1";
        var (code, output) = ProcessRun.ToEnd(start, TimeSpan.FromMinutes(3));
        Assert.True(code == 0, output);
    }
}
