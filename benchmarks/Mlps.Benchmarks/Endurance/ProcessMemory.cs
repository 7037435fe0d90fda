using System.Globalization;
using TorchSharp;

namespace Mlps.Benchmarks.Endurance;

/// <summary>What this process holds, as Linux and TorchSharp count it.</summary>
internal static class ProcessMemory
{
    public static string Header => $"{"tensors",8} {"handles",8} {"anonymous",12} {"files",10} {"managed",10}";

    /// <summary>Live tensors, open files, MiB of anonymous memory, of mapped files in memory, and of the managed heap.</summary>
    public static string Line(string when) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount,8} {Directory.GetFiles("/proc/self/fd").Length,8} {Status("RssAnon"),8} MiB {Status("RssFile") + Status("RssShmem"),6} MiB {GC.GetTotalMemory(false) >> 20,6} MiB  {when}");

    /// <summary>The most memory that this process had so far, in MiB.</summary>
    public static long PeakMiB => Status("VmHWM");

    /// <summary>Anonymous memory now, in MiB.</summary>
    public static long AnonymousMiB => Status("RssAnon");

    private static long Status(string name) =>
        File.ReadLines("/proc/self/status").Where(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10).FirstOrDefault();
}
