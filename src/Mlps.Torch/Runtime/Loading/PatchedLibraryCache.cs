using System.Security.Cryptography;

namespace Mlps.Torch.Runtime;

/// <summary>Keeps changed copies of a library in a per-user folder, keyed by the hash of the original.</summary>
/// <param name="root">The cache's folder; a copy lies in <c>&lt;root&gt;/&lt;sha256 of the original&gt;/&lt;file name&gt;</c>.</param>
/// <remarks>
/// A copy is written to a temporary name and renamed, so that another process sees none or a whole one. What is found is compared
/// byte by byte with what is expected before it is used (a few milliseconds), so that a truncated or changed copy is never loaded.
/// </remarks>
internal sealed class PatchedLibraryCache(string root)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The cache's folder.</summary>
    public string Root => root;

    /// <summary>The user's cache: <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c>, then <c>mlps/libtorchsharp</c>; null without either.</summary>
    /// <param name="steps">Gets a line where there is neither.</param>
    public static PatchedLibraryCache? ForUser(ICollection<string> steps)
    {
        var folder = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");

        // The XDG base directory specification: a relative path is invalid and to be ignored.
        if (!Path.IsPathFullyQualified(folder ?? ""))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            folder = home.Length == 0 ? null : Path.Combine(home, ".cache");
        }

        if (folder is null)
        {
            steps.Add("There is no user's cache: neither XDG_CACHE_HOME nor HOME names a folder.");
            return null;
        }

        return new PatchedLibraryCache(Path.Combine(folder, "mlps", "libtorchsharp"));
    }

    /// <summary>The path of the copy, written first where it is missing or has other content.</summary>
    /// <param name="fileName">The copy's file name.</param>
    /// <param name="original">The original's bytes, which give the key.</param>
    /// <param name="content">The copy's bytes.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public string GetOrAdd(string fileName, ReadOnlySpan<byte> original, ReadOnlySpan<byte> content)
    {
        var folder = Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(original)));
        var path = Path.Combine(folder, fileName);
        if (Holds(path, content))
        {
            return path;
        }

        CreateFolder(folder);
        AtomicFile.Write(path, content);
        return path;
    }

    /// <summary>Writes a copy that only this process uses, for hosts without a writable cache.</summary>
    /// <returns>Its path, in a new folder that only the user can read; <see cref="DeletePrivateCopy"/> takes both away.</returns>
    /// <inheritdoc cref="GetOrAdd"/>
    public static string WritePrivateCopy(string fileName, ReadOnlySpan<byte> content)
    {
        if (!Directory.Exists(Path.GetTempPath()))
        {
            throw new DirectoryNotFoundException("There is no such folder.");
        }

        var path = Path.Combine(Directory.CreateTempSubdirectory("mlps-libtorchsharp-").FullName, fileName);
        try
        {
            File.WriteAllBytes(path, content);
            return path;
        }
        catch
        {
            DeletePrivateCopy(path);
            throw;
        }
    }

    /// <summary>Deletes a private copy and its folder; a library stays loaded without its file.</summary>
    /// <param name="path">What <see cref="WritePrivateCopy"/> returned.</param>
    public static void DeletePrivateCopy(string path)
    {
        try
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file left in the temporary folder is no reason to fail.
        }
    }

    private static bool Holds(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file && file.Length == content.Length && content.SequenceEqual(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }
}
