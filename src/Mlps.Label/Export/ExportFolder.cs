using Mlps.ML;

namespace Mlps.Label;

/// <summary>Keeps datasets apart from the patches that they are made of.</summary>
/// <remarks>Images of a dataset among the patches would be patches at the next start: a copy of one that is held out could be trained on.</remarks>
internal static class ExportFolder
{
    /// <summary>Refuses a folder that lies among the patches, or that the patches lie in; links are followed, and nothing is written.</summary>
    /// <param name="patches">The folder of the patches.</param>
    /// <param name="folder">The folder of the dataset, which need not exist.</param>
    /// <exception cref="TissueDataException">It is one of these; the message says what to do.</exception>
    public static void RequireApart(string patches, string folder)
    {
        if (IsWithin(folder, patches))
        {
            throw new TissueDataException(
                folder,
                $"The dataset would lie among the patches of {patches}, and its images would count as patches from then on.",
                IsExport(folder)
                    ? "It is an earlier export. Move it out of the patches, and give its new place with --export."
                    : "Give a folder outside of the patches with --export.");
        }

        if (IsWithin(patches, folder))
        {
            throw new TissueDataException(folder, $"The patches of {patches} lie in it, where an export replaces the images of the one before.", "Give another folder with --export.");
        }
    }

    /// <summary>Warns of earlier exports among the patches, one sentence for each; the folder of the patches may lie in one as a whole.</summary>
    public static IReadOnlyList<string> Warnings(PatchList patches)
    {
        var folder = patches.Folder;
        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        return
        [
            .. patches.Patches.Select(patch => Of(Path.GetDirectoryName(patch.Path)!)).OfType<string>()
                .CountBy(export => export, StringComparer.Ordinal)
                .OrderBy(export => export.Key, StringComparer.Ordinal)
                .Select(export => $"{Path.GetRelativePath(folder, export.Key)} is an export of labels. Its images ({export.Value}) count as patches, and copies of patches that are held out may be trained on: move it out of the patches."),
        ];

        string? Of(string at)
        {
            if (!known.TryGetValue(at, out var export))
            {
                export = at.Length <= folder.Length ? null : IsExport(at) ? at : Of(Path.GetDirectoryName(at)!);
                known[at] = export;
            }

            return export;
        }
    }

    private static bool IsExport(string folder) => File.Exists(Path.Combine(folder, DatasetExport.ListName));

    private static bool IsWithin(string path, string folder)
    {
        var identity = FileStatus.Read(folder).Identity;
        for (var part = RealPath.Resolve(path); identity is not null && part is not null; part = Path.GetDirectoryName(part))
        {
            if (FileStatus.Read(part).Identity == identity)
            {
                return true;
            }
        }

        return false;
    }
}
