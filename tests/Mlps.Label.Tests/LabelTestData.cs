using Mlps.ML;
using Mlps.Testing;

namespace Mlps.Label.Tests;

/// <summary>Tissues, and folders of tiny patches.</summary>
internal static class LabelTestData
{
    /// <summary>A PNG of one pixel.</summary>
    public static readonly byte[] Pixel = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    public static TissueClasses Classes { get; } = new([new("tumor", new(205, 51, 51)), new("stroma", new(65, 105, 225)), new("lymphocyte", new(60, 179, 113))]);

    /// <summary>A folder of patches of these names.</summary>
    public static string PatchesOf(TemporaryFolder folder, params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            File.WriteAllBytes(folder.File($"patches/{name}"), Pixel);
        }

        return folder.Combine("patches");
    }

    /// <summary>An answer of today.</summary>
    public static Answer Answer(string patch, uint? tissues) => new(patch, tissues, DateTimeOffset.UtcNow);
}
