using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>Lets glibc keep freed tensor memory for the next tensors, up to a bound, unless the environment or application says otherwise.</summary>
/// <remarks>
/// By default every large tensor is mapped from the system and given back, and the system clears each page of the next one: a fifth of a processor's time in predictions of the published networks.
/// </remarks>
internal static partial class FreedMemory
{
    /// <summary>How much freed memory predictions leave with the process.</summary>
    public static long Bound { get; internal set; } = 512L << 20;

    /// <summary>How much freed memory stays while predictions follow each other: a batch of the published networks fills and frees more than <see cref="Bound"/>.</summary>
    public static long BusyBound { get; internal set; } = 1L << 30;

    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int LargestTensor = 1 << 30;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly string[] _wishes = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"];
    private static readonly Lock _gate = new();
    private static readonly Timer _whenQuiet = new(_ => TrimAbove(Bound));
    private static long _lastLook;
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

    /// <summary>Marks the end of a prediction: freed memory above <see cref="BusyBound"/> goes back to the system, and above <see cref="Bound"/> once no prediction follows.</summary>
    /// <remarks>Giving memory back costs time, as the next prediction fills it anew. Seconds between two times keep that cost small, however many predictions there are.</remarks>
    public static void TrimToBound()
    {
        if (!_isKept)
        {
            return;
        }

        _ = _whenQuiet.Change(Quiet, Timeout.InfiniteTimeSpan);
        var now = Environment.TickCount64;
        if (now - Interlocked.Read(ref _lastLook) >= Pause.TotalMilliseconds)
        {
            Interlocked.Exchange(ref _lastLook, now);
            TrimAbove(BusyBound);
        }
    }

    /// <summary>Gives freed memory above <see cref="Bound"/> back to the system, between two pieces of work that take much longer than filling it anew.</summary>
    public static void TrimBetween()
    {
        if (_isKept)
        {
            TrimAbove(Bound);
        }
    }

    /// <summary>Gives all freed memory back to the system.</summary>
    public static void TrimAll()
    {
        if (_isKept)
        {
            TrimAbove(0);
        }
    }

    /// <summary>Bytes of freed memory that the process holds: what lies in its memory less what is in use.</summary>
    internal static long Held()
    {
        var heap = HeapInfo();
        return Resident() - (long)heap.InUse - (long)heap.Mapped - GC.GetGCMemoryInfo().TotalCommittedBytes;
    }

    // One thread at a time; others do not wait.
    private static void TrimAbove(long bound)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            if (Held() > bound)
            {
                _ = GiveBack(0);
            }
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or IOException or UnauthorizedAccessException)
        {
            // Without mallinfo2 (glibc before 2.33) or /proc the amount held is unknown.
            _ = GiveBack(0);
        }
        finally
        {
            _gate.Exit();
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
