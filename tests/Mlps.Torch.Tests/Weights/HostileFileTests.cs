using System.Diagnostics;
using System.IO.Compression;
using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Files that were made to harm: each ends in an error that says what is wrong, soon and without much memory.</summary>
public sealed class HostileFileTests
{
    private const long FixedReserve = 8L << 20;
    private static readonly byte[] Six = TorchBytes.Floats(0, 1, 2, 3, 4, 5);

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
            WeightFileException error = Refused(content);
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
    [InlineData("i", "INST")]
    [InlineData("o", "OBJ")]
    [InlineData("P", "PERSID")]
    [InlineData("\u0081", "NEWOBJ")]
    [InlineData("\u0082", "EXT1")]
    [InlineData("\u0092", "NEWOBJ_EX")]
    public void Open_OpcodeThatMakesObjects_IsRefused(string opcode, string meaning)
    {
        WeightFileException error = Refused(TorchBytes.Zip(new PickleWriter().OrderedDict().Op(opcode[0]).Stop()));

        Assert.True(error.Message.Contains($"opcode 0x{(byte)opcode[0]:X2}", StringComparison.Ordinal), meaning);
    }

    [Fact]
    public void Open_MemoBomb_CostsWhatItsBytesCost()
    {
        // Sixty lists, each holding the one before twice: 2^60 values to whoever copies them out.
        PickleWriter writer = new PickleWriter().Op('}').Op('(').Text("bomb").Op(']').Put(0);
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

        using WeightFile file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Equal(["w"], file.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Open_DictionaryThatContainsItself_Ends()
    {
        byte[] pickle = new PickleWriter().Op('}').Put(0).Op('(').Text("state_dict").Get(0)
            .Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('u').Stop();

        using WeightFile file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

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
        PickleWriter writer = new PickleWriter().Op('}').Text("deep");
        writer.Raw([.. Enumerable.Repeat((byte)']', Depth)]).Raw([.. Enumerable.Repeat((byte)'a', Depth - 1)]).Op('s');
        byte[] pickle = writer.Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();

        using WeightFile file = Measured(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Single(file.Entries);
    }

    [Fact]
    public void Open_LongNameUsedOverAndOver_DoesNotTakeQuadraticTime()
    {
        PickleWriter writer = new PickleWriter().Op('}').Op('(').Text("e").Integer(1)
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
        PickleWriter writer = new PickleWriter().Op('}').Op('(').Text(new string('n', 1_000_000)).Put(0).Integer(1)
            .Text("state_dict").OrderedDict().Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s');
        writer.Op('u');
        for (int i = 0; i < 20_000; i++)
        {
            writer.Get(0).True().Op('s');
        }

        using WeightFile file = Measured(TorchBytes.Zip(writer.Stop(), ("0", Six)));

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
        WeightFileException error = Refused(TorchBytes.Zip(new PickleWriter().Raw(opcodes).Stop()));

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
        WeightFileException error = Refused(TorchBytes.Zip(TorchBytes.OneTensorPickle(storageCount, first, shape, strides), ("0", Six)));

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

    [Fact]
    public void Open_CompressedArchive_IsRefusedHoweverSmall()
    {
        byte[] bomb = TorchBytes.ZipOf(
            [("archive/data.pkl", TorchBytes.OneTensorPickle(50_000_000, 0, [50_000_000], [1])), ("archive/data/0", new byte[200_000_000])],
            CompressionLevel.Fastest);

        WeightFileException error = RefusedWithinMemory(bomb);

        Assert.Contains("compressed or encrypted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EncryptedRecord_IsRefused()
    {
        byte[] content = OneTensorZip();
        ZipPatch.SetFlags(content, "archive/data/0", 1);

        Assert.Contains("'archive/data/0' is compressed or encrypted", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FlippedBit_IsCaughtByTheChecksumAndNamesTheTensor()
    {
        byte[] content = OneTensorZip();
        content[content.AsSpan().IndexOf(Six) + 9] ^= 4;
        using WeightFile file = WeightFile.Read(new MemoryStream(content), "hostile.pth");

        var error = Assert.Throws<WeightFileException>(() => file.LoadBytes("w"));

        Assert.Contains("'w' (record 'archive/data/0') has the checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FlippedBitInThePickle_IsCaughtByTheChecksum()
    {
        byte[] content = TorchBytes.Replace(OneTensorZip(), "_rebuild_tensor_v2", "_rebuild_tensor_v3");

        Assert.Contains("the pickle (record 'archive/data.pkl') has the checksum", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordBeyondTheEnd_IsTruncated()
    {
        byte[] content = OneTensorZip();
        ZipPatch.SetLengths(content, "archive/data/0", 1_000_000_000);

        Assert.Contains("beyond the end of the file", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordThatPointsElsewhere_IsRefused()
    {
        byte[] content = OneTensorZip();
        ZipPatch.SetOffset(content, "archive/data/0", 0);

        Assert.Contains("'archive/data/0' does not lie at offset 0", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordsOverTheSameBytes_AreRefused()
    {
        byte[] pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("a").Tensor(p => p.Storage("ByteStorage", "0", 900), 0, [900], [1])
            .Text("b").Tensor(p => p.Storage("ByteStorage", "1", 900), 0, [900], [1]).Op('u').Stop();
        byte[] content = TorchBytes.Zip(pickle, ("0", new byte[600]), ("1", new byte[900]));
        ZipPatch.SetLengths(content, "archive/data/0", 1500);

        Assert.Contains("overlap", Refused(content).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"NAME\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"a\":{\"NAME\":0}}")]
    [InlineData("{\"a\":{\"dtype\":\"NAME\",\"shape\":[0],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"__metadata__\":{\"NAME\":\"NAME\"}}")]
    public void Open_HeaderOfOneGiantText_IsRefusedWithoutRepeatingIt(string header)
    {
        byte[] content = SafetensorsBytes.Create(header.Replace("NAME", new string('n', 12_000_000), StringComparison.Ordinal));

        Assert.InRange(RefusedWithinMemory(content).Message.Length, 0, 1000);
    }

    [Fact]
    public void Open_GiantTensorName_IsRefusedWithoutRepeatingIt()
    {
        byte[] pickle = new PickleWriter().OrderedDict().Text(new string('n', 1_500_000))
            .Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();

        WeightFileException error = RefusedWithinMemory(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Contains("a tensor name of 1500000 characters", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 0, 1000);
    }

    [Fact]
    public void Open_ZipThatIsNoTorchFile_SaysSo()
    {
        Assert.Contains("without a record data.pkl", Refused(TorchBytes.ZipOf([("word/document.xml", [1])])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingStorage_IsNamed()
    {
        Assert.Contains("lacks the record 'archive/data/0'", Refused(TorchBytes.Zip(TorchBytes.OneTensorPickle(6, 0, [6], [1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BigEndianZip_IsRefused()
    {
        byte[] content = TorchBytes.ZipOf(
            [("a/data.pkl", TorchBytes.OneTensorPickle(6, 0, [6], [1])), ("a/byteorder", "big"u8.ToArray()), ("a/data/0", Six)]);

        Assert.Contains("the byte order 'big'", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BigEndianLegacy_IsRefused()
    {
        byte[] content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 6, Six)], littleEndian: false);

        Assert.Contains("big-endian", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LegacyOfAnotherProtocol_IsRefused()
    {
        byte[] content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 6, Six)], protocol: 1002);

        Assert.Contains("protocol 1002", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PickleThatTorchDidNotWrite_SaysSo()
    {
        Assert.Contains("torch.save did not write it", Refused(new PickleWriter().Op('}').Stop()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LegacyStorageOfAnotherCount_IsRefused()
    {
        byte[] content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 5, Six)]);

        Assert.Contains("has 5 elements, but its tensors expect 6", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LegacyWithoutItsStorage_IsRefused()
    {
        Assert.Contains("lacks the values of the storage '0'", Refused(TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stage1_small_zip.pth")]
    [InlineData("stage1_small_legacy.pth")]
    public void Open_TruncatedFile_NamesTheFile(string name)
    {
        byte[] content = File.ReadAllBytes(Fixture.Path(name));
        for (int i = 0; i < 40; i++)
        {
            byte[] cut = content[..(int)((long)content.Length * i / 40)];
            Assert.Contains("'hostile.pth'", Refused(cut).Message, StringComparison.Ordinal);
        }

        Refused(content[..^1]);
    }

    private static byte[] OneTensorZip() => TorchBytes.Zip(TorchBytes.OneTensorPickle(6, 0, [6], [1]), ("0", Six));

    private static WeightFileException Refused(byte[] content) =>
        Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "hostile.pth"));

    private static WeightFileException RefusedWithinMemory(byte[] content) => Assert.Throws<WeightFileException>(() => Measured(content));

    /// <summary>Opens a file and checks that time and everything allocated, garbage included, stay within what was promised.</summary>
    private static WeightFile Measured(byte[] content)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
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
