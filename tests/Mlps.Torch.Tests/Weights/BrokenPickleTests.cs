using Mlps.Torch.Weights;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Pickles that contradict themselves or their file: the error says what is wrong.</summary>
public sealed class BrokenPickleTests
{
    [Theory]
    [InlineData(new byte[] { (byte)'o' }, "closes what was never opened")]
    [InlineData(new byte[] { (byte)'(', (byte)'o' }, "calls what cannot be called")]
    [InlineData(new byte[] { (byte)'(', (byte)'N', (byte)'o' }, "calls what cannot be called")]
    [InlineData(new byte[] { (byte)'N', (byte)')', 0x81 }, "calls what cannot be called")]
    [InlineData(new byte[] { (byte)'N', (byte)')', (byte)'}', 0x92 }, "calls what cannot be called")]
    [InlineData(new byte[] { 0x81 }, "takes a value that is not there")]
    [InlineData(new byte[] { (byte)'}', (byte)'(', (byte)'N', 0x90 }, "appends to what is no list")]
    [InlineData(new byte[] { (byte)'i', (byte)'a', (byte)'\n', (byte)'b', (byte)'\n' }, "closes what was never opened")]
    public void Open_BrokenObject_SaysWhatIsWrong(byte[] opcodes, string expected) =>
        Assert.Contains(expected, Refused(TorchBytes.Zip(new PickleWriter().Raw(opcodes).Stop())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(new byte[] { (byte)'X', 0xFF, 0xFF, 0xFF, 0xFF }, "length of 4294967295")]
    [InlineData(new byte[] { 0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "length of 18446744073709551615")]
    [InlineData(new byte[] { 0x8E, 0, 0, 0, 0, 0, 0, 0, 0x80 }, "length of 9223372036854775808")]
    [InlineData(new byte[] { 0x8B, 0xFF, 0xFF, 0xFF, 0xFF }, "an integer of 4294967295 bytes")]
    [InlineData(new byte[] { (byte)'N', (byte)'r', 0xFF, 0xFF, 0xFF, 0x7F }, "needs more memory")]
    [InlineData(new byte[] { (byte)'j', 0xFF, 0xFF, 0xFF, 0xFF }, "recalls value 4294967295")]
    [InlineData(new byte[] { (byte)'t' }, "closes what was never opened")]
    [InlineData(new byte[] { (byte)'R' }, "takes a value that is not there")]
    [InlineData(new byte[] { (byte)'N', (byte)'(', (byte)'a' }, "takes a value that is not there")]
    [InlineData(new byte[] { (byte)'N', (byte)'N', (byte)'R' }, "calls what cannot be called")]
    [InlineData(new byte[] { (byte)'N', (byte)'N', (byte)'a' }, "appends to what is no list")]
    [InlineData(new byte[] { (byte)'N', (byte)'N', (byte)'b' }, "sets the state of what has none")]
    [InlineData(new byte[] { (byte)'}', (byte)'(', (byte)'N', (byte)'u' }, "a key without a value")]
    [InlineData(new byte[] { (byte)'N', (byte)'N' }, "values left over")]
    [InlineData(new byte[] { (byte)'N' }, "no dictionary of tensors")]
    [InlineData(new byte[] { (byte)'}' }, "holds no tensors by name")]
    [InlineData(new byte[] { (byte)'U', 2, 0xC3, 0x28, (byte)'Q' }, "storage is described otherwise")]
    [InlineData(new byte[] { (byte)'X', 2, 0, 0, 0, 0xC3, 0x28 }, "not UTF-8")]
    [InlineData(new byte[] { 0x80, 9 }, "protocol 9")]
    public void Open_BrokenPickle_SaysWhatIsWrong(byte[] opcodes, string expected)
    {
        var error = Refused(TorchBytes.Zip(new PickleWriter().Raw(opcodes).Stop()));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("'hostile.pth'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 0, new long[] { 7 }, new long[] { 1 }, "reaches beyond the 24 bytes")]
    [InlineData(6, 5, new long[] { 2 }, new long[] { 1 }, "reaches beyond the 24 bytes")]
    [InlineData(6, 7, new long[] { 1 }, new long[] { 1 }, "reaches beyond the 24 bytes")]
    [InlineData(6, 0, new long[] { 2, 2 }, new long[] { 5, 1 }, "reaches beyond the 24 bytes")]
    [InlineData(6, 0, new long[] { 1L << 32, 1L << 32 }, new long[] { 1, 1 }, "larger than any file")]
    [InlineData(6, 0, new long[] { 0, 1L << 40, 1L << 40 }, new long[] { 1, 1, 1 }, "larger than any file")]
    [InlineData(6, 0, new long[] { 3 }, new long[] { long.MaxValue }, "larger than any file")]
    [InlineData(6, long.MaxValue, new long[] { 1 }, new long[] { 1 }, "larger than any file")]
    [InlineData(6, 0, new long[] { 100_000 }, new long[] { 0 }, "larger than its file")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { -1 }, "described otherwise")]
    [InlineData(6, -1, new long[] { 2 }, new long[] { 1 }, "described otherwise")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { 1, 1 }, "described otherwise")]
    [InlineData(7, 0, new long[] { 6 }, new long[] { 1 }, "has 24 bytes; expected 28")]
    [InlineData(long.MaxValue, 0, new long[] { 6 }, new long[] { 1 }, "more than the file has bytes")]
    [InlineData(-1, 0, new long[] { 6 }, new long[] { 1 }, "storage is described otherwise")]
    public void Open_TensorThatLeavesItsStorage_IsNamed(long storageCount, long first, long[] shape, long[] strides, string expected)
    {
        var error = Refused(TorchBytes.Zip(TorchBytes.OneTensorPickle(storageCount, first, shape, strides), ("0", Six)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TensorOfSixtyFiveDimensions_IsRefused()
    {
        long[] ones = [.. Enumerable.Repeat(1L, 65)];

        Refused(TorchBytes.Zip(TorchBytes.OneTensorPickle(6, 0, ones, ones), ("0", Six)));
    }

    [Fact]
    public void Open_StorageDescribedTwice_IsRefused()
    {
        var pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("a").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [2], [1])
            .Text("b").Tensor(p => p.Storage("DoubleStorage", "0", 3), 0, [2], [1]).Op('u').Stop();

        Assert.Contains("described in two ways", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ViewOutsideItsStorage_IsRefused()
    {
        var pickle = new PickleWriter().OrderedDict()
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6, ("view", 4, 3)), 0, [3], [1]).Op('s').Stop();

        Assert.Contains("a view lies outside", Refused(TorchBytes.Legacy(pickle, [("0", 6, Six)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SameTensorNameTwice_IsNamed()
    {
        var pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [2], [1])
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 2, [2], [1]).Op('u').Stop();

        Assert.Contains("'w' occurs twice", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }
}
