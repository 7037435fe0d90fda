using System.Diagnostics;
using Mlps.Torch.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Freed memory is used again, so that the system has no pages to clear: seen in the page faults of this process.</summary>
[Collection(Training.GlobalGenerator.Name)]
public class FreedMemoryTests
{
    private const int PageSize = 4096;
    private const int Tensors = 20;
    private const int Holders = 36;
    private const int Bytes = 48 * 1024 * 1024;

    [LinuxX64Fact]
    public void Tensors_MadeAndFreedOneByOne_TakeTheSamePages()
    {
        // What another test gave back is filled again first.
        for (var n = 0; n < Tensors; n++)
        {
            Fill();
        }

        var before = MinorFaults();
        for (var n = 0; n < Tensors; n++)
        {
            Fill();
        }

        Assert.InRange(MinorFaults() - before, 0, Tensors * (Bytes / PageSize) / 4);
    }

    [LinuxX64Fact]
    public void MemoryFreedByManyThreads_BeyondTheBound_GoesBackToTheSystem()
    {
        const long Slack = 256L << 20;

        // What other tests left would be used again, and the threads would hold less of their own.
        FreedMemory.TrimAll();
        var before = FreedMemory.Held();
        using var allHold = new Barrier(Holders);
        var threads = Enumerable.Range(0, Holders).Select(_ => new Thread(() =>
        {
            using var held = zeros(Bytes, ScalarType.Byte);
            allHold.SignalAndWait();
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.True(FreedMemory.Held() - before > FreedMemory.BusyBound, $"{FreedMemory.Held() >> 20} MiB are held, {before >> 20} MiB before.");

        FreedMemory.TrimToBound();

        Assert.InRange(FreedMemory.Held(), long.MinValue, FreedMemory.BusyBound + Slack);
    }

    private static void Fill() => zeros(Bytes, ScalarType.Byte).Dispose();

    private static long MinorFaults()
    {
        using var process = Process.GetCurrentProcess();
        var fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[1].Split(' ');
        return long.Parse(fields[7], System.Globalization.CultureInfo.InvariantCulture);
    }
}
