using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>Folders that results are written to, kept apart from what is read.</summary>
internal static class OutputFolder
{
    /// <summary>Marks a folder as one of results, so that later runs do not take them for images.</summary>
    public static void Mark(string folder, string command, IEnumerable<string> names) => OutputMarker.Write(folder, command, names);

    /// <summary>Refuses to write where images are read from: results would take their places.</summary>
    /// <param name="images">What is read.</param>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="parts">The folders in it that images are written to.</param>
    /// <exception cref="TissueDataException">One of them is among the folders that are read.</exception>
    public static void RequireApart(ImageFolder images, string folder, IEnumerable<string> parts)
    {
        if (parts.Select(part => Path.Combine(folder, part)).FirstOrDefault(images.Contains) is { } part)
        {
            throw new TissueDataException(part, "results would be written among the images that are read from here, and over those of the same names.", "Give another folder with --output.");
        }
    }
}
