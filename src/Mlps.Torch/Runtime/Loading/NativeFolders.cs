using System.Reflection;

namespace Mlps.Torch.Runtime;

/// <summary>Where an application's native libraries lie, in the runtime's own search order.</summary>
internal static class NativeFolders
{
    internal const string PackageFolder = "runtimes/linux-x64/native";

    /// <summary>
    /// The folders the host names (next to the application, <c>runtimes/linux-x64/native</c>, the package cache), then those beside
    /// an assembly and beside the application.
    /// </summary>
    /// <param name="assembly">The assembly whose native library is sought.</param>
    /// <remarks>The order is the runtime's, so that a file found here is the very file that the runtime's own search loads.</remarks>
    public static IReadOnlyList<string> For(Assembly assembly)
    {
        var named = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

        var beside = AssemblyFile.Folder(assembly);
        string[] usual = [beside, Path.Combine(beside, PackageFolder), AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, PackageFolder)];
        return [.. named.Concat(usual).Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The first of the folders that holds a file, as the file's path; null if none does.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="fileName">The file's name.</param>
    public static string? Find(IEnumerable<string> folders, string fileName) =>
        folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);

    /// <summary>Whether two paths lead to one file, symbolic links anywhere in them followed.</summary>
    /// <param name="left">A file that exists.</param>
    /// <param name="right">A file that may not.</param>
    public static bool IsSameFile(string left, string right) => File.Exists(right) && RealPath(left) == RealPath(right);

    /// <summary>Where a path really leads: the kernel's own answer; .NET follows a link only in the last part of a path.</summary>
    /// <param name="path">A file that exists.</param>
    public static string RealPath(string path)
    {
        using var file = File.OpenHandle(path);
        return new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget ?? path;
    }

    /// <summary>Whether the application carries TorchSharp's native library for this platform, where no other is available.</summary>
    /// <param name="assembly">TorchSharp's assembly.</param>
    public static bool CarriesTorchSharp(Assembly assembly)
    {
        var name = OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : TorchSharpLibrary.FileName;
        return Find(For(assembly).Where(folder => !folder.EndsWith(PackageFolder, StringComparison.Ordinal)), name) is not null;
    }
}
