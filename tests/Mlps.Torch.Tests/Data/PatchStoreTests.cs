using Mlps.Torch.Data;
using Xunit;

namespace Mlps.Torch.Tests.Data;

public sealed class PatchStoreTests
{
    private static readonly PatchLayout Layout = new(8, 6, 3, 2);

    [Fact]
    public void Blocks_InMemoryAndMapped_GiveTheSameBytes()
    {
        using var memory = Filled(Layout, count: 20, memoryBudget: long.MaxValue);
        using var mapped = Filled(Layout, count: 20, memoryBudget: 0);

        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(memory.Image(n).ToArray(), mapped.Image(n).ToArray());
            Assert.Equal(memory.Label(n).ToArray(), mapped.Label(n).ToArray());
            Assert.Equal(memory.Mask(n, 0).ToArray(), mapped.Mask(n, 0).ToArray());
            Assert.Equal(memory.Mask(n, 1).ToArray(), mapped.Mask(n, 1).ToArray());
        }
    }

    [Fact]
    public void Patches_OverSeveralBlocks_KeepTheirOwnBytes()
    {
        // 12 MB a patch: five in a block, so the sixth begins another.
        var large = new PatchLayout(2000, 2000, 1, 0);
        using var store = new PatchStore(large, memoryBudget: 64 << 20);
        for (var n = 0; n < 7; n++)
        {
            var index = store.Add();
            Assert.Equal(n, index);
            store.Image(index)[0] = (byte)(n + 1);
            store.Image(index)[^1] = (byte)(n + 101);
            store.Label(index)[0] = (byte)(n + 201);
        }

        Assert.Equal(7, store.Count);
        for (var n = 0; n < 7; n++)
        {
            Assert.Equal((n + 1, n + 101, n + 201), (store.Image(n)[0], store.Image(n)[^1], store.Label(n)[0]));
        }
    }

    [Fact]
    public void Add_NewPatch_IsZeroed()
    {
        using var store = new PatchStore(Layout, memoryBudget: 0);

        store.Add();

        Assert.All(store.Image(0).ToArray(), value => Assert.Equal(0, value));
        Assert.Equal((8 * 6 * 3, 3, 8 * 6), (store.Image(0).Length, store.Label(0).Length, store.Mask(0, 1).Length));
    }

    [Fact]
    public void MappedFile_WhileOpen_HasNoNameAnyMore_AndAfterDisposeIsGone()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using (var store = Filled(Layout, count: 1, memoryBudget: 0))
        {
            Assert.Contains(Mappings(), line => line.EndsWith("(deleted)", StringComparison.Ordinal));
            Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"mlps-patches-{Environment.ProcessId}-*"));
            Assert.Equal(1, store.Count);
        }

        Assert.Empty(Mappings());
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"mlps-patches-{Environment.ProcessId}-*"));

        static string[] Mappings() => [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains("mlps-patches", StringComparison.Ordinal))];
    }

    [Fact]
    public void MappedPatches_ManyTimesUsed_StayOutOfMemoryAndKeepTheirBytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // 12 MB a patch, 540 MB in all.
        using var store = new PatchStore(new PatchLayout(2000, 2000, 0, 0), memoryBudget: 0);
        for (var n = 0; n < 45; n++)
        {
            store.Image(store.Add()).Fill((byte)(n + 1));
            Assert.InRange(ResidentMiB(), 0, 400);
        }

        for (var n = 0; n < store.Count; n++)
        {
            Assert.False(store.Image(n).ContainsAnyExcept((byte)(n + 1)));
        }

        Assert.InRange(ResidentMiB(), 1, 400);

        static long ResidentMiB()
        {
            var ours = false;
            var kilobytes = 0L;
            foreach (var line in File.ReadLines("/proc/self/smaps"))
            {
                ours = line.Contains("mlps-patches", StringComparison.Ordinal) || (ours && !line.Contains('-', StringComparison.Ordinal));
                kilobytes += ours && line.StartsWith("Rss:", StringComparison.Ordinal) ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            }

            return kilobytes >> 10;
        }
    }

    [Fact]
    public void Access_OutsideTheRange_IsRefused()
    {
        using var store = Filled(Layout, count: 2, memoryBudget: long.MaxValue);

        Assert.Throws<ArgumentOutOfRangeException>(() => store.Image(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Image(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Label(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Mask(0, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Mask(0, -1).Length);
    }

    [Fact]
    public void Access_AfterDispose_IsRefused()
    {
        var store = Filled(Layout, count: 1, memoryBudget: 0);
        store.Dispose();
        store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => store.Image(0).Length);
        Assert.Throws<ObjectDisposedException>(() => store.Add());
    }

    [Theory]
    [InlineData(0, 6, 3, 2, "Height")]
    [InlineData(8, 0, 3, 2, "Width")]
    [InlineData(8, 6, -1, 2, "ClassCount")]
    [InlineData(8, 6, 3, -1, "MaskCount")]
    public void Constructor_ImpossibleLayout_NamesTheValue(int height, int width, int classes, int masks, string name)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new PatchStore(new PatchLayout(height, width, classes, masks)));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static PatchStore Filled(PatchLayout layout, int count, long memoryBudget)
    {
        var store = new PatchStore(layout, memoryBudget);
        var random = new RandomStream(11);
        for (var n = 0; n < count; n++)
        {
            var index = store.Add();
            Fill(store.Image(index), ref random);
            Fill(store.Label(index), ref random);
            Fill(store.Mask(index, 0), ref random);
            Fill(store.Mask(index, 1), ref random);
        }

        return store;
    }

    private static void Fill(Span<byte> bytes, ref RandomStream random)
    {
        foreach (ref var value in bytes)
        {
            value = (byte)random.Next(256);
        }
    }
}
