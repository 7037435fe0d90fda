using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>A fact about processes that mpirun starts; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "mpirun"))))
        {
            Skip = "There is no mpirun; on Debian and Ubuntu: apt-get install openmpi-bin libopenmpi3";
        }
    }
}
