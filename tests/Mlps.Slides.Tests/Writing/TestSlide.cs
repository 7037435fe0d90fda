using Mlps.ML;

namespace Mlps.Slides.Tests;

/// <summary>Descriptions of slides for tests.</summary>
internal static class TestSlide
{
    public static SlideDescription Of(IMaskRows mask, double scale = 2, TissueClasses? classes = null, long boundsX = 0, long boundsY = 0) =>
        new("slide", (long)(mask.Width * scale), (long)(mask.Height * scale), 0.25, 0.25 * scale, boundsX, boundsY, classes ?? TissueClasses.LuadHistoSeg);
}
