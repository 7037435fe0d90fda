using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public class OneDnnCacheRecordTests
{
    [Fact]
    public void Find_ThreeCachesOfOneByte_GivesTheirPlace() => Assert.Equal([5], OneDnnCacheRecord.Find(Memory(at: 5)));

    [Theory]
    [InlineData(0, 32 * 1024u)]
    [InlineData(3, 1u)]
    [InlineData(10, 0u)]
    [InlineData(14, 1u)]
    [InlineData(20, 2u)]
    public void Find_AnotherWordAnywhere_FindsNothing(int word, uint value)
    {
        var memory = Memory(at: 5);
        memory[5 + word] = value;

        Assert.Empty(OneDnnCacheRecord.Find(memory));
    }

    [Fact]
    public void Find_RecordThatEndsBeyondTheMemory_FindsNothing() => Assert.Empty(OneDnnCacheRecord.Find(Memory(at: 5).AsSpan(..25)));

    [Fact]
    public void Write_Sizes_AreNotFoundAgain()
    {
        var memory = Memory(at: 0);
        OneDnnCacheRecord.Write(memory, new ProcessorCaches(49152, 1048576, 2097152));

        Assert.Equal([49152u, 1048576u, 2097152u, 0u], memory[..4]);
        Assert.Equal([1u, 1u, 1u, 0u], memory[10..14]);
        Assert.Empty(OneDnnCacheRecord.Find(memory));
    }

    [Fact]
    public void DataOf_ALibrary_IsItsWritablePagesAndTheNamelessOnesBehindThem()
    {
        string[] maps =
        [
            "1000-2000 r-xp 00000000 fe:00 42                     /lib/libtorch_cpu.so",
            "2000-3000 rw-p 00001000 fe:00 42                     /lib/libtorch_cpu.so",
            "3000-4000 rw-p 00000000 00:00 0 ",
            "4000-5000 rw-p 00000000 00:00 0 ",
            "5800-6000 rw-p 00000000 00:00 0 ",
            "6000-7000 rw-p 00000000 fe:00 43                     /lib/libtorch.so",
            "7000-8000 rw-p 00000000 00:00 0 ",
        ];

        Assert.Equal([(0x2000, 0x3000), (0x3000, 0x4000)], OneDnnCacheRecord.DataOf(maps, "/lib/libtorch_cpu.so"));
    }

    private static uint[] Memory(int at)
    {
        var memory = new uint[at + 40];
        uint[] record = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 8, 0, 0, 0, 0, 0, 0, 0, 3];
        record.CopyTo(memory, at);
        return memory;
    }
}
