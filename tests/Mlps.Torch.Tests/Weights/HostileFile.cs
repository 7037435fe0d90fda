using System.Diagnostics;
using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Opens files that were made to harm, and holds the reader to its promises.</summary>
internal static class HostileFile
{
    private const long FixedReserve = 12L << 20;

    public static byte[] Six { get; } = TorchBytes.Floats(0, 1, 2, 3, 4, 5);

    public static byte[] OneTensorZip() => TorchBytes.Zip(TorchBytes.OneTensorPickle(6, 0, [6], [1]), ("0", Six));

    public static WeightFileException Refused(byte[] content) =>
        Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "hostile.pth"));

    public static WeightFileException RefusedWithinMemory(byte[] content) => Assert.Throws<WeightFileException>(() => Measured(content));

    /// <summary>Opens a file and checks that time and everything allocated, garbage included, stay within what was promised.</summary>
    public static WeightFile Measured(byte[] content)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        try
        {
            return WeightFile.Read(new MemoryStream(content), "hostile.pth");
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2L * content.Length) + FixedReserve);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }
    }
}
