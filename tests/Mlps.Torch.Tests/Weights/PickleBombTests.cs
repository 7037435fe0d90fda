using Mlps.Torch.Weights;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Pickles built to cost more memory or time than their bytes: each ends soon and within its memory.</summary>
public sealed class PickleBombTests
{
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
            var before = i - 1;
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
        for (var i = 0; i < 100_000; i++)
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
        for (var i = 0; i < 61; i++)
        {
            writer.Op('0');
        }

        var pickle = writer.Get(100).Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('u').Stop();

        using var file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal(["w"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Open_DictionaryThatContainsItself_Ends()
    {
        var pickle = new PickleWriter().Op('}').Put(0).Op('(').Text("state_dict").Get(0)
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
        var values = new byte[6_000_000];
        values.AsSpan().Fill((byte)opcode);

        RefusedWithinMemory(TorchBytes.Legacy(new PickleWriter().Raw(values).Stop(), []));
    }

    [Fact]
    public void Open_DeepNesting_NeitherOverflowsTheStackNorTheMemory()
    {
        const int Depth = 10_000;
        var writer = new PickleWriter().Op('}').Text("deep");
        writer.Raw([.. Enumerable.Repeat((byte)']', Depth)]).Raw([.. Enumerable.Repeat((byte)'a', Depth - 1)]).Op('s');
        var pickle = writer.Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();

        using var file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Single(file.Entries);
    }

    [Fact]
    public void Open_LongNameUsedOverAndOver_DoesNotTakeQuadraticTime()
    {
        var writer = new PickleWriter().Op('}').Op('(').Text("e").Integer(1)
            .Text("state_dict").Op('}').Op('(').Text(new string('n', 1_000_000)).Put(0).Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Put(1);
        for (var i = 0; i < 200_000; i++)
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
        for (var i = 0; i < 20_000; i++)
        {
            writer.Get(0).True().Op('s');
        }

        using var file = Measured(TorchBytes.Zip(writer.Stop(), ("0", Six)));

        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Open_ManyBuffersAndManyNamesThatAreNotKept_DoesNotTakeQuadraticTime()
    {
        const int Count = 100_000;
        var writer = new PickleWriter().Text("no buffer").Put(0).Op('0').Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Put(1).Op('0').Text("buffer").Put(2).Op('0')
            .Global("net", "Block").Op(')').Raw(0x81).Op('}').Text("_parameters").Op('}').Op('s').Text("_modules").Op('}').Op('s').Text("_buffers").Op('}').Op('(');
        for (var i = 0; i < Count; i++)
        {
            writer.Get(2).Get(1);
        }

        writer.Op('u').Op('s').Text("_non_persistent_buffers_set").Global("builtins", "set").Op(']').Op('(');
        for (var i = 0; i < Count; i++)
        {
            writer.Get(0);
        }

        // The longer the file, the more names it may have.
        var content = TorchBytes.Zip(writer.Op('e').Raw(0x85).Op('R').Op('s').Op('b').Stop(), ("0", Six), ("1", new byte[100 << 20]));

        Assert.Contains("'buffer' occurs twice", RefusedWithinMemory(content).Message, StringComparison.Ordinal);
    }
}
