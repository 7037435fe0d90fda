using System.Globalization;
using Mlps.Fuzz.Formats;

namespace Mlps.Fuzz.Running;

/// <summary>What a case may take.</summary>
internal sealed record FuzzLimits
{
    /// <summary>Time for one case. Generous: most take milliseconds, but the machine may be busy.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Memory for one case beyond twice the damaged file.</summary>
    public long CaseBytes { get; init; } = 64L << 20;

    /// <summary>Memory of the whole process; it is killed beyond.</summary>
    public long ProcessBytes { get; init; } = 2L << 30;

    /// <summary>Heap of the process. It is also what <c>ImageLimit</c> takes for the machine's memory: with it, images of 4 million pixels are read.</summary>
    public long HeapBytes { get; init; } = 1L << 30;

    /// <summary>The limits of a format.</summary>
    /// <remarks>A piece of a slide is decoded whole, and one of 2^26 pixels takes 256 MiB and as many for its colours.</remarks>
    public static FuzzLimits For(FuzzFormat format) => format is FuzzFormat.Image or FuzzFormat.OpenSlide ? new() { CaseBytes = 512L << 20 } : new();

    /// <summary>Bytes after which garbage is collected: few, so that a case is charged with little of the garbage of others.</summary>
    public long GarbageBytes { get; init; } = 4L << 20;

    /// <summary>Settings of the child process. Without the last two, cases take a tenth more time.</summary>
    public IEnumerable<(string Name, string Value)> Environment =>
    [
        ("DOTNET_GCHeapHardLimit", HeapBytes.ToString("X", CultureInfo.InvariantCulture)),
        ("DOTNET_GCgen0size", GarbageBytes.ToString("X", CultureInfo.InvariantCulture)),
        ("DOTNET_gcServer", "0"),
        ("DOTNET_gcConcurrent", "0"),
        ("DOTNET_TieredPGO", "0"),
        ("OMP_NUM_THREADS", "1"),
    ];
}
