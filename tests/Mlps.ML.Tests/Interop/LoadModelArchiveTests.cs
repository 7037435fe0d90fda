using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Archives from strangers: names, lengths, sums and lists that are wrong are said before ML.NET reads any of it.</summary>
public sealed class LoadModelArchiveTests
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(16, 3)]
    [InlineData(15, 0)]
    [InlineData(1, 6)]
    public void LoadModel_FlippedBitInTheSchema_IsRefused(int fromTheEnd, int bit)
    {
        var builder = new ModelFileBuilder();
        var schema = builder["Schema"];
        var file = builder.Create(CompressionLevel.NoCompression);
        file[file.AsSpan().IndexOf(schema) + schema.Length - fromTheEnd] ^= (byte)(1 << bit);

        Assert.Contains("the checksum of the part 'Schema' is wrong", ModelRefusal.Of(file), StringComparison.Ordinal);
    }

    /// <summary>Whoever mends the sum cannot make ML.NET read for ever, since nothing parses the schema.</summary>
    [Fact]
    public void LoadModel_SchemaOfNoise_IsNotParsed()
    {
        var builder = new ModelFileBuilder();
        new Random(1).NextBytes(builder["Schema"]);

        using var model = (IDisposable)ModelRefusal.Load(builder.Create());
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void LoadModel_FlippedBitInAnyPart_IsRefused(string part)
    {
        var builder = new ModelFileBuilder();
        var content = builder[part];
        var file = builder.Create(CompressionLevel.NoCompression);
        file[file.AsSpan().IndexOf(content) + (content.Length / 2)] ^= 1;

        Assert.Contains(part, ModelRefusal.Of(file), StringComparison.Ordinal);
    }

    public static TheoryData<string> Parts { get; } = [.. new ModelFileBuilder().Names];

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/evil")]
    [InlineData("C:/evil")]
    [InlineData("a//b")]
    [InlineData("line\nbreak")]
    [InlineData("..\\..\\evil")]
    public void LoadModel_NameThatLeadsElsewhere_IsRefused(string name) =>
        Assert.Contains("is no name of a part", ModelRefusal.Of(new ModelFileBuilder().Add(name, [1]).Create()), StringComparison.Ordinal);

    [Fact]
    public void LoadModel_LongName_IsRefusedAndNotPrinted()
    {
        var message = ModelRefusal.Of(new ModelFileBuilder().Add(new string('x', 60_000), [1]).Create());

        Assert.Contains("60000 characters", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 0, 1000);
    }

    [Theory]
    [InlineData("Schema")]
    [InlineData("SCHEMA")]
    [InlineData("transformerchain\\model.key")]
    public void LoadModel_PartListedTwice_IsRefused(string name) =>
        Assert.Contains("is listed twice", ModelRefusal.Of(new ModelFileBuilder().Add(name, [1]).Create()), StringComparison.Ordinal);

    [Theory]
    [InlineData(ModelFileBuilder.Classifier + "weights.safetensors")]
    [InlineData(ModelFileBuilder.Classifier + "model.json")]
    [InlineData(ModelFileBuilder.ChainKey)]
    [InlineData("Schema")]
    public void LoadModel_PartThatUnpacksToMuchMore_IsRefused(string part)
    {
        var builder = new ModelFileBuilder();
        builder[part] = new byte[128 << 20];

        ModelRefusal.AssertContains("unpack", ModelRefusal.Of(builder.Create()));
    }

    /// <summary>The list of the stage and the sums are made to agree: only how much it grows tells.</summary>
    [Fact]
    public void LoadModel_BombWithSumsThatAgree_IsRefused()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "weights.safetensors", _ => new byte[256 << 20]).Create();

        ModelRefusal.AssertContains("times as many", ModelRefusal.Of(file));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void LoadModel_LengthInTheDirectoryIsALie_IsRefused(int more)
    {
        var file = new ModelFileBuilder().Create();
        var entry = file.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var length = file.AsSpan(entry + 24, sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)(BinaryPrimitives.ReadUInt32LittleEndian(length) + more));

        ModelRefusal.Of(file);
    }

    [Theory]
    [InlineData(10_001, 10)]
    [InlineData(300, 60_000)]
    public void LoadModel_DirectoryThatIsTooLong_IsRefusedBeforeItIsRead(int parts, int name)
    {
        var builder = new ModelFileBuilder();
        for (var i = 0; i < parts; i++)
        {
            builder.Add($"{i:00000}".PadRight(name, 'x'), []);
        }

        ModelRefusal.AssertContains("its directory lists", ModelRefusal.Of(builder.Create()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5000)]
    public void LoadModel_StageThatListsMoreOrFewerParts_IsRefused(int count)
    {
        var builder = new ModelFileBuilder();
        BinaryPrimitives.WriteInt32LittleEndian(builder[ModelFileBuilder.Classifier + "Model.key"].AsSpan(256), count);

        ModelRefusal.AssertContains("is refused: its list of parts is out of range", ModelRefusal.Of(builder.Create()));
    }

    [Fact]
    public void LoadModel_PartThatIsLongerThanItsStageSays_IsRefusedBeforeItIsUnpacked()
    {
        var builder = new ModelFileBuilder();
        builder[ModelFileBuilder.Classifier + "model.json"] = [.. builder[ModelFileBuilder.Classifier + "model.json"], (byte)' '];

        ModelRefusal.AssertContains("Model.key' is refused: 'model.json' has", ModelRefusal.Of(builder.Create()));
    }

    [Fact]
    public void LoadModel_OneByteMoreThanTheCallerAllows_IsRefused()
    {
        var builder = new ModelFileBuilder();
        var all = builder.Names.Sum(name => (long)builder[name].Length);

        using var model = (IDisposable)ModelRefusal.Load(builder.Create(), new() { MaximumBytes = all });
        ModelRefusal.AssertContains("in all (ModelLoadOptions.MaximumBytes)", Assert.Throws<TissueDataException>(() => ModelRefusal.Load(builder.Create(), new() { MaximumBytes = all - 1 })).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PK")]
    [InlineData("no zip archive at all")]
    public void LoadModel_NoZip_IsRefused(string text) => ModelRefusal.Of(Encoding.ASCII.GetBytes(text));

    [Fact]
    public void LoadModel_CutShortAnywhere_IsRefused()
    {
        var file = new ModelFileBuilder().Create();

        Assert.All(Enumerable.Range(1, 50), part => ModelRefusal.Of(file[..(file.Length * part / 51)]));
    }
}
