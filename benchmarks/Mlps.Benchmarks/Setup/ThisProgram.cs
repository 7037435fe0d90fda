using System.Diagnostics;

namespace Mlps.Benchmarks.Setup;

/// <summary>The benchmarks once more, in a process of their own.</summary>
internal static class ThisProgram
{
    /// <summary>How to start it, with its output to be read.</summary>
    public static ProcessStartInfo With(params string[] arguments)
    {
        var path = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.Ordinal);
        return new ProcessStartInfo(path, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments) { RedirectStandardOutput = true };
    }
}
