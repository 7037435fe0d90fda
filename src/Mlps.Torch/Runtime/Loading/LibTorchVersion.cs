using System.Text.RegularExpressions;

namespace Mlps.Torch.Runtime;

/// <summary>Which version a libtorch has, as the files around it say.</summary>
internal static partial class LibTorchVersion
{
    /// <summary>The version of a folder's libtorch, from <c>build-version</c>, <c>version.py</c> or the file's own name; null if unknown.</summary>
    /// <param name="folder">The folder that holds <c>libtorch_cpu.so</c>.</param>
    /// <param name="cpuLibrary">The library's file, links allowed.</param>
    public static string? Read(string folder, string cpuLibrary)
    {
        var parent = Path.GetDirectoryName(folder) ?? folder;
        return Text(Path.Combine(parent, "build-version"))?.Trim()
            ?? (Text(Path.Combine(parent, "version.py")) is { } python && PythonVersion().Match(python) is { Success: true } assigned ? assigned.Groups[1].Value : null)
            ?? (NumberedName().Match(Path.GetFileName(NativeFolders.RealPath(cpuLibrary))) is { Success: true } name ? name.Groups[1].Value : null);
    }

    /// <summary>The version of the libtorch that a file belongs to, or null.</summary>
    public static string? Find(string cpuLibrary) => Read(Path.GetDirectoryName(cpuLibrary) ?? "/", cpuLibrary);

    /// <summary>The first two numbers of a version, as in <c>2.10</c>.</summary>
    public static string MajorMinor(string version) => string.Join('.', version.Split('.', '+').Take(2));

    /// <summary>The first number of a version.</summary>
    public static string Major(string version) => version.Split('.')[0];

    private static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^__version__\s*=\s*['"]([^'"]+)['"]""", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"^libtorch_cpu\.so\.(\d+(?:\.\d+)*)$")]
    private static partial Regex NumberedName();
}
