using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

/// <summary>A test on a real slide, which lies beside the repository and not in it; skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedSlideFactAttribute : FactAttribute
{
    public SharedSlideFactAttribute()
    {
        if (!File.Exists(Slide))
        {
            Skip = $"There is no real slide at {Slide}.";
        }
    }

    /// <summary>Why a test is skipped where OpenSlide is not installed.</summary>
    public const string OpenSlideAbsent = "OpenSlide is not installed: apt-get install libopenslide0.";

    /// <summary>Aperio, 2,220 x 2,967 pixels of 0.499 µm, one level, JPEG.</summary>
    public static string Slide { get; } = Path.GetFullPath(Path.Combine(RepositoryFolder.Root, "..", "shared", "data", "wsi", "cmu-1-small-region.svs"));

    /// <summary>Whether it needs OpenSlide too.</summary>
    public bool NeedsOpenSlide
    {
        get;
        init
        {
            field = value;
            if (value && Skip is null && OpenSlideLibrary.Instance is null)
            {
                Skip = OpenSlideAbsent;
            }
        }
    }
}
