using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

public sealed class SafetensorsReaderTests
{
    private const string TwoTensors =
        """{"__metadata__":{"format":"pt"},"fc8.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"counter":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";

    private static readonly byte[] TwoTensorsData = [0, 0, 128, 63, 0, 0, 0, 192, 7];

    [Theory]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"w":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"w":{"dtype":"U8","shape":[2],"shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,2],"data_offsets":[0,1]}}""")]
    public void Read_KeyTwice_IsRefused(string header) => Assert.Contains(
        "twice", Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(SafetensorsBytes.Create(header, new byte[1])), "twice")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_HandWrittenFile_GivesNamesShapesTypesAndMetadata()
    {
        using var file = Read(SafetensorsBytes.Create(TwoTensors, TwoTensorsData));

        Assert.Equal(WeightFileFormat.Safetensors, file.Format);
        Assert.Equal(["fc8.weight [1, 2] Float32", "counter [] Byte"], file.Entries.Select(entry => entry.ToString()));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(8, file.Entries[0].ByteCount);
        Assert.Equal(TwoTensorsData[..8], file.LoadBytes("fc8.weight"));
        Assert.Equal([7], file.LoadBytes("counter"));
    }

    [Fact]
    public void Read_StreamThatCannotSeek_GivesTheSame()
    {
        using var stream = new OneWayStream(SafetensorsBytes.Create(TwoTensors, TwoTensorsData));
        using var file = WeightFile.Read(stream, "one-way");

        Assert.Equal([7], file.LoadBytes("counter"));
    }

    [Fact]
    public void Read_StreamThatStandsInTheMiddle_StartsThere()
    {
        var content = SafetensorsBytes.Create(TwoTensors, TwoTensorsData);
        using var stream = new MemoryStream([1, 2, 3, .. content]) { Position = 3 };
        using var file = WeightFile.Read(stream, "middle");

        Assert.Equal(TwoTensorsData[..8], file.LoadBytes("fc8.weight"));
    }

    [Fact]
    public void Read_EmptyTensorsAndPaddedHeader_AreLegal()
    {
        using var file = Read(SafetensorsBytes.Create("""{"a":{"dtype":"I64","shape":[0,3],"data_offsets":[0,0]}}   """));

        Assert.Equal([0L, 3L], file.Entries[0].Shape);
        Assert.Equal(ScalarType.Int64, file.Entries[0].DType);
        Assert.Empty(file.LoadBytes("a"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""", 7, "'a' should end 8 bytes into the data, but only 7")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""", 9, "1 bytes after offset")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "takes 12 bytes, but its data_offsets are [0, 8]")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "'b' starts at offset")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}""", 6, "'b' starts at offset")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "'a' is listed twice")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2, "'a' has the element type F8_E4M3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}""", 2, "'a' has a size or an offset")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "larger than any file")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2]}}""", 2, "'a' lacks a dtype, a shape, or a pair of data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", 2, "data_offsets are [2, 0]")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"strides":[1]}}""", 2, "a field other than dtype")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[[[[[2]]]]]],"data_offsets":[0,2]}}""", 2, "not the JSON")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}""", 2, "not the JSON")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} {}""", 2, "not the JSON")]
    [InlineData("""{"a":7}""", 0, "not the JSON")]
    public void Read_BrokenHeader_SaysWhatIsWrong(string header, int dataLength, string expected)
    {
        var content = SafetensorsBytes.Create(header, new byte[dataLength]);

        var error = Assert.Throws<WeightFileException>(() => Read(content));

        Assert.Contains("'hand-written'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HeaderLongerThanTheFile_IsTruncated()
    {
        var content = SafetensorsBytes.Create(TwoTensors, TwoTensorsData);

        var error = Assert.Throws<WeightFileException>(() => Read(content[..40]));

        Assert.Contains("exceeds the 32 bytes left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadBytes_BooleanThatIsNeither0Nor1_IsDamaged()
    {
        using var file = Read(SafetensorsBytes.Create("""{"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", 0, 1, 2));

        var error = Assert.Throws<WeightFileException>(() => file.LoadBytes("mask"));

        Assert.Contains("'mask'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HeaderOfManyTinyTensors_StaysWithinItsMemory()
    {
        var entries = string.Join(',', Enumerable.Range(0, 200_000).Select(i => $$"""
            "{{i}}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}
            """));
        var content = SafetensorsBytes.Create($"{{{entries}}}");

        var error = Assert.Throws<WeightFileException>(() => Read(content));

        Assert.Contains("needs more memory than the file is long", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[0], "is empty")]
    [InlineData(new byte[] { 1, 2, 3 }, "starts with the bytes 010203")]
    [InlineData(new byte[] { (byte)'<', (byte)'!', (byte)'D', (byte)'O' }, "a web page")]
    public void Read_NoKnownFormat_SaysSo(byte[] content, string expected)
    {
        var error = Assert.Throws<WeightFileException>(() => Read(content));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchFile_IsFileNotFound()
    {
        Assert.Throws<FileNotFoundException>(() => WeightFile.Open(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())));
    }

    [Fact]
    public void LoadBytes_UnknownName_NamesTheTensor()
    {
        using var file = Read(SafetensorsBytes.Create(TwoTensors, TwoTensorsData));

        var error = Assert.Throws<KeyNotFoundException>(() => file.LoadBytes("fc9.weight"));

        Assert.Contains("'fc9.weight'", error.Message, StringComparison.Ordinal);
    }

    private static WeightFile Read(byte[] content) => WeightFile.Read(new MemoryStream(content), "hand-written");

    private sealed class OneWayStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
