using System.IO.Compression;
using Mlps.Torch.Weights;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Archives, legacy files and headers that were made to harm or damaged on the way: each is refused by name.</summary>
public sealed class HostileContainerTests
{
    [Fact]
    public void Open_CompressedArchive_IsRefusedHoweverSmall()
    {
        var bomb = TorchBytes.ZipOf(
            [("archive/data.pkl", TorchBytes.OneTensorPickle(50_000_000, 0, [50_000_000], [1])), ("archive/data/0", new byte[200_000_000])],
            CompressionLevel.Fastest);

        var error = RefusedWithinMemory(bomb);

        Assert.Contains("compressed or encrypted", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A name of a megabyte was printed whole.</summary>
    [Theory]
    [InlineData(4_000, "Convert it before saving.")]
    [InlineData(1_000_000, "The file is damaged.")]
    public void Open_LongNameOfATensor_IsRefusedAndNotPrinted(int length, string end)
    {
        var header = $$"""{"{{new string('x', length)}}":{"dtype":"F99","shape":[1],"data_offsets":[0,4]} }""";
        byte[] content = [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), 0, 0, 0, 0];

        var error = Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "hostile.safetensors"));

        Assert.Contains("hostile.safetensors", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(end, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 5000);
    }

    [Fact]
    public void Open_EncryptedRecord_IsRefused()
    {
        var content = OneTensorZip();
        ZipPatch.SetFlags(content, "archive/data/0", 1);

        Assert.Contains("'archive/data/0' is compressed or encrypted", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FlippedBit_IsCaughtByTheChecksumAndNamesTheTensor()
    {
        var content = OneTensorZip();
        content[content.AsSpan().IndexOf(Six) + 9] ^= 4;
        using var file = WeightFile.Read(new MemoryStream(content), "hostile.pth");

        var error = Assert.Throws<WeightFileException>(() => file.LoadBytes("w"));

        Assert.Contains("'w' (record 'archive/data/0') has the checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FlippedBitInThePickle_IsCaughtByTheChecksum()
    {
        var content = TorchBytes.Replace(OneTensorZip(), "_rebuild_tensor_v2", "_rebuild_tensor_v3");

        Assert.Contains("the pickle (record 'archive/data.pkl') has the checksum", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordBeyondTheEnd_IsTruncated()
    {
        var content = OneTensorZip();
        ZipPatch.SetLengths(content, "archive/data/0", 1_000_000_000);

        Assert.Contains("beyond the end of the file", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordThatPointsElsewhere_IsRefused()
    {
        var content = OneTensorZip();
        ZipPatch.SetOffset(content, "archive/data/0", 0);

        Assert.Contains("'archive/data/0' does not lie at offset 0", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RecordsOverTheSameBytes_AreRefused()
    {
        var pickle = new PickleWriter().OrderedDict().Op('(')
            .Text("a").Tensor(p => p.Storage("ByteStorage", "0", 900), 0, [900], [1])
            .Text("b").Tensor(p => p.Storage("ByteStorage", "1", 900), 0, [900], [1]).Op('u').Stop();
        var content = TorchBytes.Zip(pickle, ("0", new byte[600]), ("1", new byte[900]));
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
        var content = SafetensorsBytes.Create(header.Replace("NAME", new string('n', 12_000_000), StringComparison.Ordinal));

        Assert.InRange(RefusedWithinMemory(content).Message.Length, 0, 1000);
    }

    [Fact]
    public void Open_GiantTensorName_IsRefusedWithoutRepeatingIt()
    {
        var pickle = new PickleWriter().OrderedDict().Text(new string('n', 2_500_000))
            .Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s').Stop();

        var error = RefusedWithinMemory(TorchBytes.Zip(pickle, ("0", Six)));

        Assert.Contains("a tensor name of 2500000 characters", error.Message, StringComparison.Ordinal);
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
        var content = TorchBytes.ZipOf(
            [("a/data.pkl", TorchBytes.OneTensorPickle(6, 0, [6], [1])), ("a/byteorder", "big"u8.ToArray()), ("a/data/0", Six)]);

        Assert.Contains("the byte order 'big'", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BigEndianLegacy_IsRefused()
    {
        var content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 6, Six)], littleEndian: false);

        Assert.Contains("big-endian", Refused(content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LegacyOfAnotherProtocol_IsRefused()
    {
        var content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 6, Six)], protocol: 1002);

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
        var content = TorchBytes.Legacy(TorchBytes.OneTensorPickle(6, 0, [6], [1]), [("0", 5, Six)]);

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
        var content = File.ReadAllBytes(Fixture.Path(name));
        for (var i = 0; i < 40; i++)
        {
            var cut = content[..(int)((long)content.Length * i / 40)];
            Assert.Contains("'hostile.pth'", Refused(cut).Message, StringComparison.Ordinal);
        }

        Refused(content[..^1]);
    }
}
