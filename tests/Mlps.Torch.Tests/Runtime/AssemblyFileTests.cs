using System.Reflection;
using System.Runtime.Loader;
using Mlps.Torch.Runtime;
using TorchSharp;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Where assemblies come from, told without <see cref="Assembly.Location"/>, which is empty in single-file applications.</summary>
public sealed class AssemblyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlps assembly ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_AnAssemblyOfTheApplication_IsItsFile()
    {
        foreach (var assembly in (Assembly[])[typeof(torch).Assembly, typeof(AssemblyFile).Assembly, typeof(string).Assembly])
        {
            Assert.Equal(assembly.Location, AssemblyFile.Find(assembly));
            Assert.Equal(Path.GetDirectoryName(assembly.Location), AssemblyFile.Folder(assembly));
        }
    }

    /// <summary>Notebook engines load assemblies from NuGet's package cache.</summary>
    [LinuxX64Fact]
    public void Find_AnAssemblyThatTheHostDoesNotKnow_IsTheFileThatWasLoaded()
    {
        var copy = Path.Combine(_folder, "TorchSharp.dll");
        File.Copy(typeof(torch).Assembly.Location, copy);
        var context = new AssemblyLoadContext("copy", isCollectible: true);

        var file = AssemblyFile.Find(context.LoadFromAssemblyPath(copy));

        context.Unload();
        Assert.Equal(copy, file);
    }

    [Fact]
    public void Folder_OfAnAssemblyWithoutAFile_IsTheApplicationsOwn()
    {
        var context = new AssemblyLoadContext("memory", isCollectible: true);
        using var stream = new MemoryStream(File.ReadAllBytes(typeof(Xunit.Sdk.XunitException).Assembly.Location));

        var folder = AssemblyFile.Folder(context.LoadFromStream(stream));

        context.Unload();
        Assert.Equal(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), Path.TrimEndingDirectorySeparator(folder));
    }
}
