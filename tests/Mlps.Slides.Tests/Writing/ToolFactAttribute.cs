using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

/// <summary>A fact that needs programs of the machine; where one is absent the test is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        Tools = tools;
        if (tools.Where(tool => Find(tool) is null).ToArray() is { Length: > 0 } missing)
        {
            Skip = $"Not on this machine: {string.Join(", ", missing)}. On Debian: apt-get install libvips-tools openslide-tools sqlite3 chromium.";
        }
    }

    public IReadOnlyList<string> Tools { get; }

    /// <summary>The path of a program; null where the machine has none.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program, which must succeed, and gives what it wrote.</summary>
    internal static string Run(string tool, params string[] arguments)
    {
        var (exitCode, output) = ProcessRun.ToEnd(new(tool, arguments), TimeSpan.FromMinutes(1));
        Assert.True(exitCode == 0, $"{tool} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
        return output;
    }
}
