using Mlps.Torch.Runtime;
using TorchSharp;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>The native libraries that the tests run on.</summary>
internal static class Natives
{
    public const string VersionThatDebian12Lacks = "GLIBCXX_3.4.32";

    public static string TorchSharpLibraryPath { get; } = Find(TorchSharpLibrary.FileName);

    public static byte[] TorchSharpLibraryBytes { get; } = File.ReadAllBytes(TorchSharpLibraryPath);

    public static string LibTorchFolderPath { get; } = Path.GetDirectoryName(Find(LibTorchFolder.CpuLibrary))!;

    /// <summary>A host with every version of libstdc++ that TorchSharp's library asks for, except some.</summary>
    public static HashSet<string> HostVersionsWithout(params string[] versions) =>
        [.. new ElfImage(TorchSharpLibraryBytes, "library").ReadVersionNeeds().Select(need => need.Version).Except(versions)];

    /// <summary>Whether the machine that runs the tests needs the weak copy.</summary>
    public static bool ThisHostNeedsCopy => new TorchSharpLibrary(TorchSharpLibraryPath, HostVersions.Read([]), []).NeedsCopy;

    private static string Find(string fileName) =>
        NativeFolders.Find(NativeFolders.For(typeof(torch).Assembly), fileName) ?? throw new FileNotFoundException(fileName);
}
