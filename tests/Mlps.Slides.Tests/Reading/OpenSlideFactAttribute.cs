using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>A test that needs OpenSlide; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenSlideFactAttribute : FactAttribute
{
    public const string Absent = "OpenSlide is not installed: apt-get install libopenslide0.";

    public OpenSlideFactAttribute()
    {
        if (OpenSlideLibrary.Instance is null)
        {
            Skip = Absent;
        }
    }
}
