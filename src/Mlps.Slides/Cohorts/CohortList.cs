using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>A slide that is to be there.</summary>
/// <param name="Name">The name of its folder of results.</param>
/// <param name="File">The path of the slide.</param>
internal sealed record CohortEntry(string Name, string File);

/// <summary>All slides that are to be there: what <c>slides.json</c> holds.</summary>
internal sealed record CohortList
{
    private const int CurrentFormat = 1;

    /// <summary>The version of the file's form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The slides by name, each name once.</summary>
    public required IReadOnlyList<CohortEntry> Slides { get; init; }

    /// <summary>Reads a list.</summary>
    /// <returns>An empty one where there is no file.</returns>
    /// <exception cref="SlideException">It cannot be read.</exception>
    public static CohortList Read(string path)
    {
        if (!File.Exists(path))
        {
            return new CohortList { Slides = [] };
        }

        try
        {
            using var file = File.OpenRead(path);
            var list = JsonSerializer.Deserialize(file, CohortJson.Default.CohortList);
            return list is not { Format: CurrentFormat } ? throw Damaged(path, $"it has form {list?.Format}, and this release reads {CurrentFormat}")
                : list.Slides.CountBy(slide => slide.Name, StringComparer.Ordinal).FirstOrDefault(count => count.Value > 1).Key is { } twice ? throw Damaged(path, $"it lists '{ShortText.Of(twice)}' twice")
                : list;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, ShortText.OfMessage(exception.Message), exception);
        }
    }

    /// <summary>Writes the list; the file is complete or absent.</summary>
    public void Write(string path) => AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(this, CohortJson.Default.CohortList), (byte)'\n']);

    private static SlideException Damaged(string path, string what, Exception? cause = null) =>
        new(path, $"The list of slides cannot be read: {what.TrimEnd('.')}.", "Delete it; the next run with --shard writes it anew.", cause);
}
