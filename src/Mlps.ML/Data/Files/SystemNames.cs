namespace Mlps.ML;

/// <summary>Files and folders that operating systems and file managers leave among a user's own.</summary>
internal static class SystemNames
{
    private static readonly HashSet<string> _files = new(StringComparer.OrdinalIgnoreCase)
    {
        ".DS_Store", ".localized", ".directory", "Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "Icon\r",
    };

    /// <summary><c>__MACOSX</c> and <c>@eaDir</c> hold damaged or shrunk twins of the images beside them.</summary>
    private static readonly HashSet<string> _folders = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", ".AppleDouble", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", ".Trashes", ".Spotlight-V100", ".fseventsd", ".TemporaryItems",
    };

    /// <summary>macOS keeps what other file systems cannot hold of a file in a twin of this prefix.</summary>
    private const string ResourceForkPrefix = "._";

    public static bool IsSystem(string name, bool isFolder) =>
        isFolder ? _folders.Contains(name) : _files.Contains(name) || name.StartsWith(ResourceForkPrefix, StringComparison.Ordinal);
}
