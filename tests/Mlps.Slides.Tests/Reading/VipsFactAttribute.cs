using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>A test that makes a slide of the real one by vips; skipped where one of the two is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class VipsFactAttribute : FactAttribute
{
    public VipsFactAttribute()
    {
        if (!File.Exists(SharedSlideFactAttribute.Slide))
        {
            Skip = $"There is no real slide at {SharedSlideFactAttribute.Slide}.";
        }
        else if (!IsOnPath("vips"))
        {
            Skip = "vips is not installed: apt-get install libvips-tools.";
        }
        else if (OpenSlideLibrary.Instance is null)
        {
            Skip = SharedSlideFactAttribute.OpenSlideAbsent;
        }
    }

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
