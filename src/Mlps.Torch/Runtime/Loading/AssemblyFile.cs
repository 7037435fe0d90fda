using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;

namespace Mlps.Torch.Runtime;

/// <summary>The file that an assembly was loaded from.</summary>
/// <remarks>
/// <see cref="Assembly.Location"/> is empty in a single-file application. There, the memory that holds an assembly is the application's own file, unless the file is compressed.
/// </remarks>
internal static class AssemblyFile
{
    private const string Maps = "/proc/self/maps";

    /// <summary>The path of an assembly's file, or of the single-file application that holds it; null if it came from memory or cannot be told.</summary>
    public static string? Find(Assembly assembly) => FindMapped(assembly) ?? FindTrusted(assembly.GetName().Name);

    /// <summary>The folder of that file; the application's own where there is no such file.</summary>
    public static string Folder(Assembly assembly) => Path.GetDirectoryName(Find(assembly)) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    /// <summary>The file that the assembly's memory is mapped from, as the kernel reports it.</summary>
    private static unsafe string? FindMapped(Assembly assembly)
    {
        if (!OperatingSystem.IsLinux() || !assembly.TryGetRawMetadata(out var metadata, out _))
        {
            return null;
        }

        try
        {
            foreach (var line in File.ReadLines(Maps))
            {
                if (Holds(line, (ulong)metadata))
                {
                    return line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var start && File.Exists(line[start..]) ? line[start..] : null;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc the host's list has to do.
        }

        return null;
    }

    /// <summary>Whether a line such as <c>7f5c281b4000-7f5c281b9000 r--s 00000000 fe:00 11911205 /app/TorchSharp.dll</c> is of the memory at an address.</summary>
    private static bool Holds(ReadOnlySpan<char> line, ulong address)
    {
        var range = line[..line.IndexOf(' ')];
        var dash = range.IndexOf('-');
        return ulong.Parse(range[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address
            && address < ulong.Parse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>The file that the host names for an assembly.</summary>
    private static string? FindTrusted(string? name) => (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == name && File.Exists(path));
}
