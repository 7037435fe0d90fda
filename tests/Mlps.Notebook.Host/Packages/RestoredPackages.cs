using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text.Json.Nodes;

namespace Mlps.Notebook.Host.Packages;

/// <summary>What a restore found in the package cache: assemblies, and the folders of native libraries.</summary>
internal sealed class RestoredPackages
{
    private const string Target = "net10.0";
    private const string Placeholder = "_._";
    private readonly string[] _files;
    private readonly string[] _nativeFolders;

    private RestoredPackages(string[] files, string[] nativeFolders) => (_files, _nativeFolders) = (files, nativeFolders);

    /// <summary>The assemblies, once <see cref="Load"/> has been called.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; private set; } = [];

    public static RestoredPackages FromAssets(JsonNode assets)
    {
        var caches = assets["packageFolders"]!.AsObject().Select(folder => folder.Key).ToArray();
        var (files, native) = (new List<string>(), new List<string>());
        foreach (var (name, package) in assets["targets"]![Target]!.AsObject())
        {
            var path = (string)assets["libraries"]![name]!["path"]!;
            string Full(string file) => caches.Select(cache => Path.Combine(cache, path, file)).First(File.Exists);
            var specific = Entries(package!, "runtimeTargets").Where(entry => (string?)entry.Value!["rid"] is "linux-x64" or "linux" or "unix").ToArray();
            var managed = specific.Where(entry => (string?)entry.Value!["assetType"] == "runtime").Select(entry => entry.Key).ToArray();
            files.AddRange((managed.Length > 0 ? managed : [.. Entries(package!, "runtime").Select(entry => entry.Key)]).Where(file => Path.GetFileName(file) != Placeholder).Select(Full));
            native.AddRange(specific.Where(entry => (string?)entry.Value!["assetType"] == "native").Select(entry => Path.GetDirectoryName(Full(entry.Key))!));
        }

        return new RestoredPackages([.. files], [.. native.Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Loads the assemblies from where they lie, and from now on answers for their native libraries.</summary>
    public void Load()
    {
        AssemblyLoadContext.Default.Resolving += (context, name) => _files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name.Name) is { } file ? context.LoadFromAssemblyPath(file) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Native(name);
        Assemblies = [.. _files.Select(AssemblyLoadContext.Default.LoadFromAssemblyPath)];
    }

    private nint Native(string name)
    {
        foreach (var folder in _nativeFolders)
        {
            foreach (var file in (string[])[name, $"lib{name}.so", $"{name}.so", $"lib{name}"])
            {
                if (NativeLibrary.TryLoad(Path.Combine(folder, file), out var handle))
                {
                    return handle;
                }
            }
        }

        return 0;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Entries(JsonNode package, string group) => package[group]?.AsObject().AsEnumerable() ?? [];
}
