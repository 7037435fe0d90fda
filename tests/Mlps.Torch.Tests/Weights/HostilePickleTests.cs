using System.Text;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Pickles that were made to harm: each ends in an error that says what is wrong, soon and without much memory.</summary>
public sealed class HostilePickleTests
{
    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    [InlineData("__main__", "Net")]
    public void Open_UnknownGlobal_IsRefusedByName(string module, string name)
    {
        byte[] asText = new PickleWriter().Global(module, name).Op('(').Text("echo").Op('t').Op('R').Stop();
        byte[] onStack = new PickleWriter(4).Text(module).Text(name).Raw(0x93).Op(')').Op('R').Stop();

        Assert.All([asText, onStack], pickle => Assert.All([TorchBytes.Zip(pickle), TorchBytes.Legacy(pickle, [])], content =>
        {
            var error = Refused(content);
            Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("nothing was executed", error.Message, StringComparison.Ordinal);
        }));
    }

    [Fact]
    public void Open_UnknownGlobalInOptimizerState_IsRefusedToo()
    {
        byte[] pickle = new PickleWriter().Op('}').Op('(')
            .Text("state_dict").OrderedDict().Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s')
            .Text("optimizer").Global("os", "getcwd").Op(')').Op('R').Op('u').Stop();

        Assert.Contains("'os.getcwd'", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("nt", "system")]
    [InlineData("posix", "popen")]
    [InlineData("subprocess", "Popen")]
    [InlineData("subprocess", "Popen.communicate")]
    [InlineData("builtins", "exec")]
    [InlineData("__builtin__", "eval")]
    [InlineData("builtins", "__import__")]
    [InlineData("importlib", "import_module")]
    [InlineData("runpy", "_run_code")]
    [InlineData("ctypes", "CDLL")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("numpy.testing._private.utils", "runstring")]
    public void Open_NameThatOnlyAttacksNeed_IsRefusedBesideSoundWeights(string module, string name)
    {
        // Called, or only mentioned; kept, or thrown away again.
        foreach (var attack in new Func<PickleWriter, PickleWriter>[]
        {
            p => p.Text("x").Global(module, name).Op('(').Text("echo").Op('t').Op('R').Op('s'),
            p => p.Text("x").Global(module, name).Op('s'),
            p => p.Global(module, name).Op('0'),
            p => p.Op('(').Text("echo").Raw(Encoding.UTF8.GetBytes($"i{module}\n{name}\n")).Op('0'),
        })
        {
            var writer = new PickleWriter().Op('}').Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s');

            var error = Refused(TorchBytes.Zip(attack(writer).Stop(), ("0", Six)));

            Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("nothing was executed", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("P", "PERSID")]
    [InlineData("\u0082", "EXT1")]
    [InlineData("\u0083", "EXT2")]
    [InlineData("\u0084", "EXT4")]
    [InlineData("\u0097", "NEXT_BUFFER")]
    public void Open_OpcodeThatNoFileNeeds_IsRefused(string opcode, string meaning)
    {
        var error = Refused(TorchBytes.Zip(new PickleWriter().OrderedDict().Op(opcode[0]).Stop()));

        Assert.True(error.Message.Contains($"opcode 0x{(byte)opcode[0]:X2}", StringComparison.Ordinal), meaning);
    }

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
    [InlineData(new byte[] { (byte)')', (byte)'R' })]
    [InlineData(new byte[] { (byte)')', 0x81 })]
    [InlineData(new byte[] { 0x8F })]
    [InlineData(new byte[] { (byte)'(', 0x91 })]
    public void Open_MillionsOfUnknownObjects_IsRefusedWithinItsMemory(byte[] make)
    {
        byte[] one = [(byte)'h', 0, .. make];
        byte[] values = [.. Enumerable.Range(0, 2_000_000).SelectMany(_ => one)];

        RefusedWithinMemory(TorchBytes.Legacy(new PickleWriter().Global("a", "B").Raw((byte)'q', 0).Raw(values).Stop(), []));
    }

    [Fact]
    public void Open_ModulesThatShareModules_EndWithinTheirMemory()
    {
        // Sixty modules, each with the one before in two places: 2^60 tensors to whoever lists them all.
        var writer = new PickleWriter().Op('}').Text("m");
        Module(writer, p => p.Op('}').Text("w").Tensor(s => s.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s'), p => p.Op('}')).Put(0).Op('0');
        for (uint i = 1; i <= 60; i++)
        {
            uint before = i - 1;
            Module(writer, p => p.Op('}'), p => p.Op('}').Text("a").Get(before).Op('s').Text("b").Get(before).Op('s')).Put(i);
            if (i < 60)
            {
                writer.Op('0');
            }
        }

        RefusedWithinMemory(TorchBytes.Zip(writer.Op('s').Stop(), ("0", Six)));

        static PickleWriter Module(PickleWriter writer, Action<PickleWriter> parameters, Action<PickleWriter> modules)
        {
            writer.Global("net", "Block").Op(')').Raw(0x81).Op('}').Text("_parameters");
            parameters(writer);
            writer.Op('s').Text("_modules");
            modules(writer);
            return writer.Op('s').Op('b');
        }
    }

    [Fact]
    public void Open_ListOfItselfOverAndOver_IsSearchedOnce()
    {
        var writer = new PickleWriter().Op('}').Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Text("l").Op(']').Put(0).Op('(');
        for (int i = 0; i < 100_000; i++)
        {
            writer.Get(0);
        }

        using var file = Measured(TorchBytes.Zip(writer.Op('e').Op('s').Stop(), ("0", Six)));

        Assert.Single(file.Entries);
    }

    [Fact]
    public void Open_MemoBomb_CostsWhatItsBytesCost()
    {
        // Sixty lists, each holding the one before twice: 2^60 values to whoever copies them out.
        var writer = new PickleWriter().Op('}').Op('(').Text("bomb").Op(']').Put(0);
        for (uint i = 1; i <= 60; i++)
        {
            writer.Op(']').Put(i).Op('(').Get(i - 1).Get(i - 1).Op('e');
        }

        // Only the last list stays; the others are popped off again, and live in the memo.
        writer.Put(100);
        for (int i = 0; i < 61; i++)
        {
            writer.Op('0');
        }

        byte[] pickle = writer.Get(100).Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('u').Stop();

        using var file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal(["w"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Open_DictionaryThatContainsItself_Ends()
    {
        byte[] pickle = new PickleWriter().Op('}').Put(0).Op('(').Text("state_dict").Get(0)
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('u').Stop();

        using var file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Single(file.Entries);
    }

    [Theory]
    [InlineData(']')]
    [InlineData('}')]
    [InlineData('(')]
    [InlineData(')')]
    [InlineData('N')]
    [InlineData('K')]
    public void Open_MillionsOfTinyValues_IsRefusedWithinItsMemory(char opcode)
    {
        byte[] values = new byte[6_000_000];
        values.AsSpan().Fill((byte)opcode);

        RefusedWithinMemory(TorchBytes.Legacy(new PickleWriter().Raw(values).Stop(), []));
    }

    [Fact]
    public void Open_DeepNesting_NeitherOverflowsTheStackNorTheMemory()
    {
        const int Depth = 10_000;
        var writer = new PickleWriter().Op('}').Text("deep");
        writer.Raw([.. Enumerable.Repeat((byte)']', Depth)]).Raw([.. Enumerable.Repeat((byte)'a', Depth - 1)]).Op('s');
        byte[] pickle = writer.Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();

        using var file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Single(file.Entries);
    }

    [Fact]
    public void Open_LongNameUsedOverAndOver_DoesNotTakeQuadraticTime()
    {
        var writer = new PickleWriter().Op('}').Op('(').Text("e").Integer(1)
            .Text("state_dict").Op('}').Op('(').Text(new string('n', 1_000_000)).Put(0).Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Put(1);
        for (int i = 0; i < 200_000; i++)
        {
            writer.Get(0).Get(1);
        }

        RefusedWithinMemory(TorchBytes.Zip(writer.Op('u').Op('u').Stop(), ("0", Six)));
    }

    [Fact]
    public void Open_LongFieldNameUsedOverAndOver_DoesNotTakeQuadraticTime()
    {
        var writer = new PickleWriter().Op('}').Op('(').Text(new string('n', 1_000_000)).Put(0).Integer(1)
            .Text("state_dict").OrderedDict().Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s');
        writer.Op('u');
        for (int i = 0; i < 20_000; i++)
        {
            writer.Get(0).True().Op('s');
        }

        using var file = Measured(TorchBytes.Zip(writer.Stop(), ("0", Six)));

        Assert.Empty(file.Metadata);
    }

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
        byte[] pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("a").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [2], [1])
            .Text("b").Tensor(p => p.Storage("DoubleStorage", "0", 3), 0, [2], [1]).Op('u').Stop();

        Assert.Contains("described in two ways", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ViewOutsideItsStorage_IsRefused()
    {
        byte[] pickle = new PickleWriter().OrderedDict()
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6, ("view", 4, 3)), 0, [3], [1]).Op('s').Stop();

        Assert.Contains("a view lies outside", Refused(TorchBytes.Legacy(pickle, [("0", 6, Six)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SameTensorNameTwice_IsNamed()
    {
        byte[] pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [2], [1])
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 2, [2], [1]).Op('u').Stop();

        Assert.Contains("'w' occurs twice", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }
}
