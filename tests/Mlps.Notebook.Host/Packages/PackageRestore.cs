using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Mlps.Notebook.Host.Packages;

/// <summary>Asks NuGet for packages and for all that they depend on, as notebook engines do: a project that is restored and never built.</summary>
internal static class PackageRestore
{
    /// <param name="packages">The packages.</param>
    /// <param name="feed">A folder with packages, besides the machine's own sources; null for none.</param>
    public static RestoredPackages Run(IReadOnlyList<PackageDirective> packages, string? feed)
    {
        var folder = Directory.CreateTempSubdirectory("mlps-notebook-packages-").FullName;
        try
        {
            var project = Path.Combine(folder, "notebook.csproj");
            File.WriteAllText(project, $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                    <NuGetAudit>false</NuGetAudit>
                    <NoWarn>NU1603</NoWarn>
                    <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                  </PropertyGroup>
                  <ItemGroup>
                    {string.Concat(packages.Select(package => $"<PackageReference Include=\"{package.Name}\" Version=\"{package.Version}\" />"))}
                  </ItemGroup>
                </Project>
                """);
            Restore(project);
            return RestoredPackages.FromAssets(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "obj", "project.assets.json")))!);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Restore(string project)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["restore", project, "-nodeReuse:false"]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The notebook's packages cannot be had:\n{output}");
        }
    }
}
