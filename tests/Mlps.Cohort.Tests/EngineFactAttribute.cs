using Xunit;

namespace Mlps.Cohort.Tests;

/// <summary>A test that needs an engine of clusters; where that is not installed, the test is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EngineFactAttribute : FactAttribute
{
    /// <summary>Makes the attribute.</summary>
    /// <param name="packages">Debian's packages that have the programs, with blanks between.</param>
    /// <param name="programs">The programs.</param>
    public EngineFactAttribute(string packages, params string[] programs)
    {
        (Packages, Programs) = (packages, programs);
        if (programs.Where(program => !IsOnPath(program)).ToArray() is { Length: > 0 } missing)
        {
            Skip = $"Not on this machine: {string.Join(", ", missing)}. On Debian: apt-get install --no-install-recommends {packages}.";
        }
    }

    /// <summary>Debian's packages.</summary>
    public string Packages { get; }

    /// <summary>What is needed of them.</summary>
    public IReadOnlyList<string> Programs { get; }

    /// <summary>Daemons are in a folder that is not on everybody's path.</summary>
    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));
}
