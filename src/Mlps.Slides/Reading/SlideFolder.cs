using Mlps.ML;

namespace Mlps.Slides;

/// <summary>The slides in a folder and the folders in it, and everything else that lies there, with the reason why it is no slide.</summary>
/// <remarks>Files are told apart by their names and first bytes; none is opened whole. Results of earlier runs and hidden files are left out.</remarks>
public sealed class SlideFolder
{
    private SlideFolder(string path, IReadOnlyList<string> slides, IReadOnlyList<NotASlide> others) => (Path, Slides, Others) = (path, slides, others);

    /// <summary>The full path of the folder, or of the one file.</summary>
    public string Path { get; }

    /// <summary>Full paths of the slides, in ordinal order.</summary>
    public IReadOnlyList<string> Slides { get; }

    /// <summary>Everything else, in ordinal order.</summary>
    public IReadOnlyList<NotASlide> Others { get; }

    /// <summary>Lists a folder; for a file, the file alone.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="excludedFolders">Folders in it that are left out, such as the one that results are written to; null for none. They need not exist.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="SlideException">There is no such folder or file, or it cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public static SlideFolder Find(string path, IEnumerable<string>? excludedFolders = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = System.IO.Path.GetFullPath(path);
        switch (FileStatus.Read(full).Kind)
        {
            case FileKind.Regular:
                return new SlideFolder(full, [full], []);
            case FileKind.Folder:
                break;
            default:
                throw new SlideException(full, "There is no such file or folder.", "Check the name.");
        }

        try
        {
            return Sort(full, FileWalk.Run(full, excludedFolders ?? [], cancellationToken));
        }
        catch (TissueDataException exception)
        {
            throw new SlideException(full, exception.Rule ?? exception.Message, "Check that it may be read.", exception);
        }
    }

    private static SlideFolder Sort(string folder, FileWalk walk)
    {
        var slides = new List<string>();
        var others = walk.LeftOut.Select(file => new NotASlide(file.Path, Sentence(file), IsFault(file))).ToList();
        var companions = walk.Files.Where(IsIndex).Select(CompanionFolder).ToArray();
        foreach (var file in walk.Files)
        {
            if (Array.Find(companions, companion => file.StartsWith(companion, StringComparison.Ordinal)) is { } companion)
            {
                others.Add(new NotASlide(file, $"It belongs to the slide {System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(companion))}.mrxs.", IsFault: false));
            }
            else if (Refusal(file) is { } refusal)
            {
                others.Add(refusal);
            }
            else
            {
                slides.Add(file);
            }
        }

        return new SlideFolder(folder, slides, [.. others.OrderBy(other => other.Path, StringComparer.Ordinal)]);
    }

    /// <summary>MIRAX keeps the pixels of <c>a.mrxs</c> in the folder <c>a</c>.</summary>
    private static bool IsIndex(string path) => System.IO.Path.GetExtension(path).Equals(".mrxs", StringComparison.OrdinalIgnoreCase);

    private static string CompanionFolder(string path) => path[..^System.IO.Path.GetExtension(path).Length] + System.IO.Path.DirectorySeparatorChar;

    /// <summary>Why a file is no slide; null where it may be one.</summary>
    private static NotASlide? Refusal(string path)
    {
        if (!FileSignatures.IsSlideName(path))
        {
            return new NotASlide(path, ImageFormats.IsOther(path) ? $"Files ending in {System.IO.Path.GetExtension(path)} are not read." : "By its name it is no slide.", IsFault: false);
        }

        try
        {
            return FileSignatures.NeedsOpenSlide(path) || FileSignatures.Read(path) is not FileSignature.Other
                ? null
                : new NotASlide(path, $"Its name ends in {System.IO.Path.GetExtension(path)}, but it is {(new FileInfo(path).Length == 0 ? "empty" : "neither TIFF nor an image")}.", IsFault: true);
        }
        catch (SlideException exception)
        {
            return new NotASlide(path, exception.Rule!, IsFault: true);
        }
    }

    private static bool IsFault(LeftOutFile file) =>
        file.Reason is LeftOutReason.Unreadable or LeftOutReason.BrokenLink or LeftOutReason.UnreadableName && (System.IO.Path.EndsInDirectorySeparator(file.Path) || FileSignatures.IsSlideName(file.Path));

    private static string Sentence(LeftOutFile file)
    {
        var reason = file.Reason switch
        {
            LeftOutReason.SystemFile => "It was written by the operating system",
            LeftOutReason.Hidden => "It is hidden",
            LeftOutReason.OwnOutput => "It is the result of an earlier run, or where this run writes",
            LeftOutReason.RepeatedFolder => "It links to a folder that is read anyway",
            LeftOutReason.NotAFile => "It is a pipe, socket or device",
            LeftOutReason.BrokenLink => "The link leads nowhere",
            LeftOutReason.UnreadableName => "Its name is not UTF-8",
            _ => "It may not be read",
        };
        return file.Explanation.Length == 0 ? reason + "." : $"{reason}: {file.Explanation.TrimEnd('.')}.";
    }
}
