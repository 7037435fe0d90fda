namespace Mlps.ML;

/// <summary>Lists all regular files in a folder and its subfolders.</summary>
/// <remarks>
/// A link to a folder is followed after all real folders, only to a folder that was not walked yet and is not above the root, so the walk always ends.
/// No file is opened. Hidden and system files, pipes, broken links, unreadable folders and the tool's own output are listed as left out.
/// </remarks>
internal sealed class FileWalk
{
    /// <summary>Why folders that the caller excludes are left out.</summary>
    public const string WhereThisRunWrites = "where this run writes";

    private readonly string _root;
    private readonly HashSet<string> _walked = [];
    private readonly HashSet<string> _above = [];
    private readonly HashSet<string> _excluded = [];
    private readonly List<string> _excludedPaths = [];
    private readonly List<string> _files = [];
    private readonly List<LeftOutFile> _leftOut = [];
    private readonly SortedSet<string> _links = new(StringComparer.Ordinal);
    private readonly CancellationToken _cancellation;

    private FileWalk(string root, IEnumerable<string> excludedFolders, CancellationToken cancellation)
    {
        (_root, _cancellation) = (root, cancellation);
        foreach (var folder in excludedFolders)
        {
            AddIdentity(_excluded, folder);
            _excludedPaths.Add(RealPath.Resolve(folder));
        }

        for (var above = Path.GetDirectoryName(RealPath.Resolve(root)); above is not null; above = Path.GetDirectoryName(above))
        {
            AddIdentity(_above, above);
        }
    }

    /// <summary>Full paths of the regular files, in ordinal order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>What was left out by what it is, in ordinal order; formats are for the caller to tell apart.</summary>
    public IReadOnlyList<LeftOutFile> LeftOut => _leftOut;

    /// <summary>Walks a folder.</summary>
    /// <param name="root">The folder; a link to one will do.</param>
    /// <param name="excludedFolders">Folders that are left out where they are met below the root, by whatever path. Those that do not exist are met nowhere.</param>
    /// <param name="cancellation">Stops the walk at the next entry.</param>
    /// <exception cref="TissueDataException">The folder itself cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The walk was stopped.</exception>
    public static FileWalk Run(string root, IEnumerable<string> excludedFolders, CancellationToken cancellation)
    {
        try
        {
            var walk = new FileWalk(root, excludedFolders, cancellation);
            walk.EnterRoot();
            return walk;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(root, $"The folder cannot be read: {exception.Message}", "Check that it may be read.", exception);
        }
    }

    /// <summary>Whether the walk read this folder's entries, by whatever path.</summary>
    public bool Contains(string folder) => FileStatus.Read(folder).Identity is { } identity && _walked.Contains(identity);

    private void EnterRoot()
    {
        AddIdentity(_walked, _root);
        WalkAll(_root, Entries(_root));
        while (_links.Min is { } link)
        {
            _links.Remove(link);
            Enter(link, FileStatus.Read(link));
        }

        _files.Sort(StringComparer.Ordinal);
        _leftOut.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
    }

    private void WalkAll(string folder, string[] entries)
    {
        var open = new Stack<(string Folder, string[] Entries)>([(folder, entries)]);
        while (open.TryPop(out var next))
        {
            var output = OutputMarker.Written(next.Folder, next.Entries.Select(Path.GetFileName)!, isRoot: next.Folder == _root);
            if (output is { IsWhole: true })
            {
                AddOwnOutput(next.Folder, output.Command);
                continue;
            }

            foreach (var entry in next.Entries)
            {
                _cancellation.ThrowIfCancellationRequested();
                var status = FileStatus.Read(entry);
                if (LeaveOut(entry, status, output))
                {
                    continue;
                }

                if (status.Kind is FileKind.Regular)
                {
                    _files.Add(entry);
                }
                else if (new FileInfo(entry).LinkTarget is not null)
                {
                    _links.Add(entry);
                }
                else if (TryEnter(entry, status) is { } inner)
                {
                    open.Push((entry, inner));
                }
            }
        }
    }

    /// <summary>Decides by name and kind; folders that stay are yet to be entered.</summary>
    private bool LeaveOut(string path, FileStatus status, OutputMarker.Listing? output)
    {
        var name = Path.GetFileName(path);
        var isFolder = status.Kind is FileKind.Folder;
        if (output?.Names.Contains(name) is true)
        {
            AddOwnOutput(path, output.Command, isFolder);
        }
        else if (SystemNames.IsSystem(name, isFolder))
        {
            Add(path, isFolder, LeftOutReason.SystemFile);
        }
        else if (name.StartsWith('.'))
        {
            Add(path, isFolder, LeftOutReason.Hidden);
        }
        else if (status.Kind is FileKind.Special)
        {
            Add(path, isFolder, LeftOutReason.NotAFile);
        }
        else if (status.Kind is FileKind.Forbidden)
        {
            Add(path, isFolder, LeftOutReason.Unreadable);
        }
        else if (status.Kind is FileKind.Missing)
        {
            AddMissing(path, name);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void AddMissing(string path, string name)
    {
        if (name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            Add(path, isFolder: false, LeftOutReason.UnreadableName);
        }
        else if (new FileInfo(path).LinkTarget is { } target)
        {
            Add(path, isFolder: false, LeftOutReason.BrokenLink, $"to {target}");
        }
        else
        {
            Add(path, isFolder: false, LeftOutReason.Unreadable, "gone while the folder was listed");
        }
    }

    /// <summary>Walks what a link leads to, unless that is part of somebody's output.</summary>
    private void Enter(string link, FileStatus status)
    {
        var target = RealPath.Resolve(link);
        if (_excludedPaths.Any(excluded => target.StartsWith(excluded + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            Add(link, isFolder: true, LeftOutReason.OwnOutput, WhereThisRunWrites);
        }
        else if (OutputMarker.Above(target) is var (_, written))
        {
            AddOwnOutput(link, written.Command);
        }
        else if (TryEnter(link, status) is { } entries)
        {
            WalkAll(link, entries);
        }
    }

    /// <summary>The entries of a folder that is walked for the first time and may be; null elsewhere, where it is left out.</summary>
    private string[]? TryEnter(string folder, FileStatus status)
    {
        if (status.Identity is not { } identity)
        {
            Add(folder, isFolder: true, LeftOutReason.Unreadable, "gone while the folder was listed");
        }
        else if (_excluded.Contains(identity))
        {
            Add(folder, isFolder: true, LeftOutReason.OwnOutput, WhereThisRunWrites);
        }
        else if (_above.Contains(identity))
        {
            Add(folder, isFolder: true, LeftOutReason.RepeatedFolder, "a folder above");
        }
        else if (!_walked.Add(identity))
        {
            Add(folder, isFolder: true, LeftOutReason.RepeatedFolder);
        }
        else
        {
            try
            {
                return Entries(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Add(folder, isFolder: true, LeftOutReason.Unreadable, exception.Message);
            }
        }

        return null;
    }

    /// <summary>Everything in a folder; nothing is skipped by its attributes.</summary>
    private string[] Entries(string folder)
    {
        var entries = new List<string>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false }))
        {
            _cancellation.ThrowIfCancellationRequested();
            entries.Add(entry);
        }

        entries.Sort(StringComparer.Ordinal);
        return [.. entries];
    }

    private void AddOwnOutput(string path, string command, bool isFolder = true) => Add(path, isFolder, LeftOutReason.OwnOutput, $"written by '{command}'");

    private void Add(string path, bool isFolder, LeftOutReason reason, string explanation = "") =>
        _leftOut.Add(new LeftOutFile(isFolder ? path + Path.DirectorySeparatorChar : path, reason, explanation));

    private static void AddIdentity(HashSet<string> identities, string folder)
    {
        if (FileStatus.Read(folder) is { Kind: FileKind.Folder, Identity: { } identity })
        {
            identities.Add(identity);
        }
    }
}
