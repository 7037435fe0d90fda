using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>What glibc does with the memory of tensors that are freed: it keeps it for the next ones, up to a bound for the whole process, unless the environment or the application says otherwise.</summary>
/// <remarks>
/// By default every large tensor is mapped from the system and given back, and the system clears each page of the next one: a fifth of a processor's time in predictions of the published networks.
/// </remarks>
internal static partial class FreedMemory
{
    /// <summary>How much freed memory predictions leave with the process.</summary>
    public const long Bound = 512L << 20;

    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int LargestTensor = 1 << 30;

    private static readonly string[] _wishes = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"];
    private static readonly Lock _gate = new();
    private static bool _isKept;

    /// <summary>Keeps what is freed, and maps only tensors above 1 GiB by themselves.</summary>
    public static void Keep()
    {
        if (!ProcessSettings.IsOn(ProcessSettings.KeepFreedMemory))
        {
            ProcessSettings.NoteOff(ProcessSettings.KeepFreedMemory);
        }
        else if (_wishes.FirstOrDefault(wish => Environment.GetEnvironmentVariable(wish) is not null) is { } wish)
        {
            ProcessSettings.Note(ProcessSettings.KeepFreedMemory, $"left alone, as the environment sets {wish}");
        }
        else
        {
            _ = SetOption(MapThreshold, LargestTensor);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _isKept = true;
            ProcessSettings.Note(ProcessSettings.KeepFreedMemory, $"on: predictions leave up to {Bound >> 20} MiB with the process, and a training everything until it ends");
        }
    }

    /// <summary>Gives freed memory back to the system where the process holds more of it than <see cref="Bound"/>.</summary>
    /// <remarks>Called when a prediction is done. Looking takes some microseconds; giving back takes longer, and happens at most once for each <see cref="Bound"/> that was filled anew.</remarks>
    public static void TrimToBound()
    {
        if (_isKept && Held() > Bound)
        {
            Trim();
        }
    }

    /// <summary>Gives all freed memory back to the system.</summary>
    public static void TrimAll()
    {
        if (_isKept)
        {
            Trim();
        }
    }

    /// <summary>Bytes of freed memory that the process holds: what lies in its memory less what is in use.</summary>
    internal static long Held()
    {
        var heap = HeapInfo();
        return Resident() - (long)heap.InUse - (long)heap.Mapped - GC.GetGCMemoryInfo().TotalCommittedBytes;
    }

    private static void Trim()
    {
        // One thread at a time, and nobody waits for it.
        if (_gate.TryEnter())
        {
            try
            {
                _ = GiveBack(0);
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    // Pages of files are the system's own affair: of those in memory, the nameless ones are counted.
    private static long Resident()
    {
        var counts = File.ReadAllText("/proc/self/statm").Split(' ');
        return (long.Parse(counts[1], CultureInfo.InvariantCulture) - long.Parse(counts[2], CultureInfo.InvariantCulture)) * Environment.SystemPageSize;
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GiveBack(nuint pad);

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial Heap HeapInfo();

    /// <summary>glibc's <c>struct mallinfo2</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Heap
    {
        public nuint Arena;
        public nuint FreeChunks;
        public nuint FastChunks;
        public nuint MappedChunks;
        public nuint Mapped;
        public nuint Unused;
        public nuint FastFree;
        public nuint InUse;
        public nuint Free;
        public nuint Releasable;
    }
}
