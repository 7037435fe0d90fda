using System.Reflection;

namespace Mlps.Slides;

/// <summary>Versions of what made a result.</summary>
internal static class SlideVersions
{
    public static SortedDictionary<string, string> Of(Slide slide) => new(StringComparer.Ordinal)
    {
        ["Mlps.Slides"] = typeof(SlideVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        [".NET"] = Environment.Version.ToString(),
        ["TorchSharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString() ?? "unknown",
        ["reader"] = slide.Backend.ToString(),
    };
}
