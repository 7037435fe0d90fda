using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Mlps.ML.Interop;

/// <summary>The internal members of ML.NET that this assembly was compiled against, from <c>build/InternalMembers.txt</c>.</summary>
internal static class InternalMembers
{
    private const BindingFlags AnyMember =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Every line, as (assembly, type, member or null).</summary>
    public static IReadOnlyList<(string Assembly, string Type, string? Member)> All { get; } = [.. ReadList()];

    /// <summary>What the loaded ML.NET assemblies lack, one readable line each; empty while this assembly can work.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "ML.NET's assemblies are not marked as trimmable and stay whole; one that was cut all the same lacks members and is reported.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The same.")]
    public static IReadOnlyList<string> FindMissing()
    {
        var missing = new List<string>();
        foreach ((var assemblyName, var typeName, var member) in All)
        {
            var assembly = Assembly.Load(assemblyName);
            var type = assembly.GetType(typeName);
            if (type is null || (member is not null && type.GetMember(member, AnyMember).Length == 0))
            {
                missing.Add($"{assemblyName} {Version(assembly)} has no {typeName}{(member is null ? "" : "::" + member)}");
            }
        }

        return missing;
    }

    /// <summary>Version of the package that an assembly came with.</summary>
    public static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "?";

    private static IEnumerable<(string Assembly, string Type, string? Member)> ReadList()
    {
        using var stream = typeof(InternalMembers).Assembly.GetManifestResourceStream("InternalMembers.txt")
            ?? throw new InvalidOperationException("Mlps.ML was built without its list of internal members.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[0][0] != '#')
            {
                var names = words[1].Split("::");
                yield return (words[0], names[0], names.Length > 1 ? names[1] : null);
            }
        }
    }
}
