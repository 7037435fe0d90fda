using System.Globalization;
using TorchSharp;

namespace Mlps.Benchmarks.Endurance;

/// <summary>What the process holds at one moment of a soak.</summary>
/// <param name="Phase">What it does: training the <c>classifier</c> or the <c>segmenter</c>, or <c>prediction</c>.</param>
/// <param name="Done">Steps or predictions of this phase so far.</param>
/// <param name="Seconds">Since the soak began.</param>
/// <param name="AnonymousMiB">Anonymous memory, native and managed.</param>
/// <param name="ManagedMiB">The managed heap.</param>
/// <param name="Tensors">Live tensors of all threads.</param>
/// <param name="Files">Open file descriptors.</param>
/// <param name="Threads">Threads, as the system counts them.</param>
internal sealed record SoakSample(string Phase, int Done, double Seconds, long AnonymousMiB, long ManagedMiB, long Tensors, int Files, int Threads)
{
    public static string Header => "phase,done,seconds,anonymous MiB,managed MiB,tensors,files,threads";

    public static SoakSample Take(string phase, int done, TimeSpan elapsed) => new(
        phase,
        done,
        elapsed.TotalSeconds,
        ProcessMemory.AnonymousMiB,
        GC.GetTotalMemory(false) >> 20,
        torch.Tensor.TotalCount,
        Directory.GetFiles("/proc/self/fd").Length,
        Directory.GetDirectories("/proc/self/task").Length);

    public static SoakSample Parse(string line)
    {
        var parts = line.Split(',');
        long Number(int index) => long.Parse(parts[index], CultureInfo.InvariantCulture);
        return new(parts[0], (int)Number(1), double.Parse(parts[2], CultureInfo.InvariantCulture), Number(3), Number(4), Number(5), (int)Number(6), (int)Number(7));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Phase},{Done},{Seconds:F1},{AnonymousMiB},{ManagedMiB},{Tensors},{Files},{Threads}");
}
