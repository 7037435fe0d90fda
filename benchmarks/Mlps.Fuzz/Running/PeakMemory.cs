using System.Globalization;

namespace Mlps.Fuzz.Running;

/// <summary>Memory of processes, as Linux counts it; 0 on other systems.</summary>
internal static class PeakMemory
{
    private const string Self = "self";

    /// <summary>Starts to count this process's peak anew.</summary>
    /// <returns>What the process has now, in bytes.</returns>
    public static long Reset()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The peak is that of all cases so far, then: too much is reported, never too little.
        }

        return Status(Self, "VmRSS");
    }

    /// <summary>The most that this process had since the count was started, in bytes.</summary>
    public static long Peak => Status(Self, "VmHWM");

    /// <summary>What a process has now, in bytes; 0 where it is gone.</summary>
    public static long Of(int process) => Status(process.ToString(CultureInfo.InvariantCulture), "VmRSS");

    private static long Status(string process, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
