using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Model files from strangers: what is wrong with them is said before ML.NET reads any of it.</summary>
public sealed class LoadModelTests
{
    private static readonly MLContext _ml = new();

    [Fact]
    public void LoadModel_OfRelease01_IsTheChain()
    {
        using var model = (TransformerChain<ITransformer>)_ml.TissueSegmentation.LoadModel(ModelFileBuilder.Sound);

        Assert.IsType<GatedSegmenterTransformer>(model.Last());
    }

    [Fact]
    public void LoadModel_ChainWithMlNetsRowMappers_IsAllowed()
    {
        var table = _ml.Data.LoadFromEnumerable([new Numbers { One = 1, Two = 2 }]);
        var chain = _ml.Transforms.CopyColumns("Copy", "One")
            .Append(_ml.Transforms.Concatenate("Both", "One", "Two"))
            .Append(_ml.Transforms.NormalizeMinMax("Both"))
            .Append(_ml.Transforms.NormalizeBinning("Two"))
            .Append(_ml.Transforms.Conversion.ConvertType("Copy", outputKind: DataKind.Double))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Key", "One"))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Value", "Key"))
            .Append(_ml.Transforms.Conversion.MapKeyToVector("KeyVector", "Key"))
            .Append(_ml.Transforms.Conversion.Hash("Hash", "One"))
            .Append(_ml.Transforms.SelectColumns("Both", "Value"))
            .Fit(table);

        var loaded = Load(Saved(chain, table.Schema));

        Assert.Equal(chain.Transform(table).GetColumn<float[]>("Both"), loaded.Transform(table).GetColumn<float[]>("Both"));
    }

    [Fact]
    public void LoadModel_OtherComponent_IsRefusedUnlessItIsNamed()
    {
        var table = _ml.Data.LoadFromEnumerable([new Words { Text = "two words" }]);
        var file = Saved(_ml.Transforms.Text.TokenizeIntoWords("Word", "Text").Fit(table), table.Schema);

        Assert.Contains("the component 'TokenizeTextTransform' of the assembly 'Microsoft.ML.Transforms'", Refusal(file), StringComparison.Ordinal);
        Assert.NotNull(Load(file, new() { AdditionalComponents = ["TokenizeTextTransform"] }));
    }

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

        Assert.Contains("the checksum of the part 'Schema' is wrong", Refusal(file), StringComparison.Ordinal);
    }

    /// <summary>Whoever mends the sum cannot make ML.NET read for ever, since nothing parses the schema.</summary>
    [Fact]
    public void LoadModel_SchemaOfNoise_IsNotParsed()
    {
        var builder = new ModelFileBuilder();
        new Random(1).NextBytes(builder["Schema"]);

        using var model = (IDisposable)Load(builder.Create());
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void LoadModel_FlippedBitInAnyPart_IsRefused(string part)
    {
        var builder = new ModelFileBuilder();
        var content = builder[part];
        var file = builder.Create(CompressionLevel.NoCompression);
        file[file.AsSpan().IndexOf(content) + (content.Length / 2)] ^= 1;

        Assert.Contains(part, Refusal(file), StringComparison.Ordinal);
    }

    public static TheoryData<string> Parts { get; } = [.. new ModelFileBuilder().Names];

    [Theory]
    [InlineData(40)]
    [InlineData(1000)]
    public void LoadModel_ChainsInChains_AreRefused(int depth) => Assert.Contains("folders deep", Refusal(Nested(depth)), StringComparison.Ordinal);

    [Fact]
    public void LoadModel_AFewChainsInChains_AreLoaded()
    {
        using var model = (IDisposable)Load(Nested(5));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/evil")]
    [InlineData("C:/evil")]
    [InlineData("a//b")]
    [InlineData("line\nbreak")]
    [InlineData("..\\..\\evil")]
    public void LoadModel_NameThatLeadsElsewhere_IsRefused(string name) =>
        Assert.Contains("is no name of a part", Refusal(new ModelFileBuilder().Add(name, [1]).Create()), StringComparison.Ordinal);

    [Fact]
    public void LoadModel_LongName_IsRefusedAndNotPrinted()
    {
        var message = Refusal(new ModelFileBuilder().Add(new string('x', 60_000), [1]).Create());

        Assert.Contains("60000 characters", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 0, 1000);
    }

    [Theory]
    [InlineData("Schema")]
    [InlineData("SCHEMA")]
    [InlineData("transformerchain\\model.key")]
    public void LoadModel_PartListedTwice_IsRefused(string name) =>
        Assert.Contains("is listed twice", Refusal(new ModelFileBuilder().Add(name, [1]).Create()), StringComparison.Ordinal);

    [Theory]
    [InlineData(ModelFileBuilder.Classifier + "weights.safetensors")]
    [InlineData(ModelFileBuilder.Classifier + "model.json")]
    [InlineData(ModelFileBuilder.ChainKey)]
    [InlineData("Schema")]
    public void LoadModel_PartThatUnpacksToMuchMore_IsRefused(string part)
    {
        var builder = new ModelFileBuilder();
        builder[part] = new byte[128 << 20];

        AssertContains("unpack", Refusal(builder.Create()));
    }

    /// <summary>The list of the stage and the sums are made to agree: only how much it grows tells.</summary>
    [Fact]
    public void LoadModel_BombWithSumsThatAgree_IsRefused()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "weights.safetensors", _ => new byte[256 << 20]).Create();

        AssertContains("times as many", Refusal(file));
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

        Refusal(file);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(4)]
    public void LoadModel_ChainThatSaysThatItHasMoreOrFewerStages_IsRefused(int count)
    {
        var builder = new ModelFileBuilder();
        BinaryPrimitives.WriteInt32LittleEndian(builder[ModelFileBuilder.ChainKey].AsSpan(256), count);

        Assert.Contains("number of stages", Refusal(builder.Create()), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_StageMissing_IsRefusedByName()
    {
        var builder = new ModelFileBuilder();
        foreach (var name in builder.Names.Where(name => name.StartsWith(ModelFileBuilder.PseudoMasks, StringComparison.Ordinal)).ToArray())
        {
            builder.Remove(name);
        }

        AssertContains($"its chain has 3 stages, and '{ModelFileBuilder.PseudoMasks}Model.key' is missing", Refusal(builder.Create()));
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

        AssertContains("its directory lists", Refusal(builder.Create()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5000)]
    public void LoadModel_StageThatListsMoreOrFewerParts_IsRefused(int count)
    {
        var builder = new ModelFileBuilder();
        BinaryPrimitives.WriteInt32LittleEndian(builder[ModelFileBuilder.Classifier + "Model.key"].AsSpan(256), count);

        AssertContains("is refused: its list of parts is out of range", Refusal(builder.Create()));
    }

    [Fact]
    public void LoadModel_PartThatIsLongerThanItsStageSays_IsRefusedBeforeItIsUnpacked()
    {
        var builder = new ModelFileBuilder();
        builder[ModelFileBuilder.Classifier + "model.json"] = [.. builder[ModelFileBuilder.Classifier + "model.json"], (byte)' '];

        AssertContains("Model.key' is refused: 'model.json' has", Refusal(builder.Create()));
    }

    [Fact]
    public void LoadModel_OneByteMoreThanTheCallerAllows_IsRefused()
    {
        var builder = new ModelFileBuilder();
        var all = builder.Names.Sum(name => (long)builder[name].Length);

        using var model = (IDisposable)Load(builder.Create(), new() { MaximumBytes = all });
        AssertContains("in all (ModelLoadOptions.MaximumBytes)", Assert.Throws<TissueDataException>(() => Load(builder.Create(), new() { MaximumBytes = all - 1 })).Message);
    }

    /// <summary>The context's own folder takes the place of the machine's.</summary>
    [Fact]
    public void LoadModel_FolderOfTemporaryFilesThatIsMissing_IsNamed()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"missing-{Guid.NewGuid():N}");
        var ml = new MLContext { TempFilePath = folder };

        Assert.Contains(folder, Assert.Throws<IOException>(() => ml.TissueSegmentation.LoadModel(ModelFileBuilder.Sound)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OptionsThatAreNull_AreRefusedByBothLoaders()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "model.json", _ => "null"u8.ToArray()).Create();

        AssertContains("it is null", Refusal(file));
        Assert.Contains("it is null", Assert.ThrowsAny<Exception>(() => _ml.Model.Load(new MemoryStream(file), out _)).GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OptionsOfManyMegabytes_AreNotParsed()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "model.json", json => [.. json, .. Enumerable.Repeat((byte)' ', 17 << 20)]).Create(CompressionLevel.NoCompression);

        AssertContains("where 16777216 are the most", Refusal(file));
    }

    [Fact]
    public void LoadModel_AssemblyOfAnotherName_IsRefusedBeforeItIsLoaded()
    {
        var builder = new ModelFileBuilder();
        var key = Encoding.Latin1.GetString(builder[ModelFileBuilder.ChainKey]);
        builder[ModelFileBuilder.ChainKey] = Encoding.Latin1.GetBytes(key.Replace("M\0L\0.\0D\0a\0t\0a\0", "M\0L\0.\0E\0v\0i\0l\0", StringComparison.Ordinal));

        Assert.Contains("in the assembly 'Microsoft.ML.Evil'", Refusal(builder.Create()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PK")]
    [InlineData("no zip archive at all")]
    public void LoadModel_NoZip_IsRefused(string text) => Refusal(Encoding.ASCII.GetBytes(text));

    [Fact]
    public void LoadModel_CutShortAnywhere_IsRefused()
    {
        var file = new ModelFileBuilder().Create();

        Assert.All(Enumerable.Range(1, 50), part => Refusal(file[..(file.Length * part / 51)]));
    }

    [Theory]
    [InlineData(ModelFileBuilder.Classifier, "\"ScoringBatchSize\": 3", "\"ScoringBatchSize\": 100000000", "ScoringBatchSize must be in [1, 4096]")]
    [InlineData(ModelFileBuilder.Classifier, "\"ScoringBatchSize\": 3", "\"ScoringBatchSize\": 0", "ScoringBatchSize must be in [1, 4096]")]
    [InlineData(ModelFileBuilder.Classifier, "\"ScoringBatchSize\": 3", "\"ScoringBatchSize\": 3, \"ScoringBatchSize\": 3", "Duplicate property 'ScoringBatch")]
    [InlineData(ModelFileBuilder.Classifier, "\"Layers\": [", "\"Layers\": null, \"PresenceThresholds\": [", "Layers")]
    [InlineData(ModelFileBuilder.Classifier, "\"B4Block5\"", "\"B4Block3,Bn7\"", "ActivationLayer must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"B4Block5\"", "99", "ActivationLayer must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"B4Block5\"", "\"99\"", "ActivationLayer must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"B4Block5\"", "\"b4block5\"", "ActivationLayer must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"B4Block5\"", "\"Bn7\"", "each once")]
    [InlineData(ModelFileBuilder.Classifier, "\"Normalization\": \"None\"", "\"Normalization\": 99", "Normalization must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"Precision\": \"Full\"", "\"Precision\": 77", "Precision must be one of")]
    [InlineData(ModelFileBuilder.Classifier, "\"PatchHeight\": ", "\"PatchHeight\": 999999", "PatchHeight must be in")]
    [InlineData(ModelFileBuilder.Classifier, "\"ImageColumnName\": \"Image\"", "\"ImageColumnName\": null", "ImageColumnName")]
    [InlineData(ModelFileBuilder.Classifier, "\"ImageColumnName\": \"Image\"", "\"ImageColumnName\": \"Probability\"", "occurs twice")]
    [InlineData(ModelFileBuilder.PseudoMasks, "\"GreyThreshold\": 200", "\"GreyThreshold\": -1", "GreyThreshold must be in")]
    [InlineData(ModelFileBuilder.Segmenter, "\"Views\": 1", "\"Views\": 2147483647", "Views must be")]
    [InlineData(ModelFileBuilder.Segmenter, "\"GateThreshold\": 0.1", "\"GateThreshold\": \"NaN\"", "GateThreshold must be in")]
    [InlineData(ModelFileBuilder.Segmenter, "\"GateThreshold\": 0.1", "\"GateThreshold\": \"Infinity\"", "GateThreshold must be in")]
    [InlineData(ModelFileBuilder.Segmenter, "\"Prediction\": \"", "\"Prediction\": \"99", "PredictionMode must be one of")]
    [InlineData(ModelFileBuilder.Segmenter, "\"Gate\": \"Windows\",\n    \"GateT", "\"Gate\": 2,\n    \"GateT", "GateMode must be one of")]
    public void Load_OptionThatNoCodeCouldSet_IsRefusedByBothLoaders(string folder, string text, string other, string message)
    {
        var file = new ModelFileBuilder().EditOptions(folder, text, other).Create();

        AssertContains(message, Refusal(file));
        var plain = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(new MemoryStream(file), out _)).GetBaseException();
        Assert.IsType<FormatException>(plain);
        Assert.Contains(message, plain.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NameOfTenMegabytes_IsRefusedAndNotPrinted()
    {
        var file = new ModelFileBuilder().EditOptions(ModelFileBuilder.Classifier, "\"ImageColumnName\": \"Image\"", $"\"ImageColumnName\": \"{new string('x', 10_000_000)}\"").Create(CompressionLevel.NoCompression);

        var message = Refusal(file);

        Assert.Contains("A column name may have 1000 characters", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 0, 1000);
    }

    /// <summary>Four times the channels would be 1.7 billion weights, 7 GiB.</summary>
    [Theory]
    [InlineData(ModelFileBuilder.Classifier)]
    [InlineData(ModelFileBuilder.Segmenter)]
    public void Load_WidthOfAnotherNetwork_IsRefusedBeforeTheNetworkIsMade(string folder)
    {
        var width = Encoding.UTF8.GetString(new ModelFileBuilder()[folder + "model.json"]).Split('\n').First(line => line.TrimStart().StartsWith("\"Width\"", StringComparison.Ordinal)).Trim().TrimEnd(',');
        var file = new ModelFileBuilder().EditOptions(folder, width, "\"Width\": 4").Create();
        var before = Environment.WorkingSet;

        AssertContains("not those of the network", Refusal(file));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 512L << 20);
    }

    /// <summary>Shows the whole message where it is another.</summary>
    private static void AssertContains(string part, string message) => Assert.True(message.Contains(part, StringComparison.Ordinal), $"'{part}' is not in: {message}");

    private static string Refusal(byte[] file) => Assert.Throws<TissueDataException>(() => Load(file)).Message;

    private static ITransformer Load(byte[] file, ModelLoadOptions? options = null) => _ml.TissueSegmentation.LoadModel(new MemoryStream(file), options);

    private static byte[] Saved(ITransformer model, DataViewSchema schema)
    {
        using var file = new MemoryStream();
        _ml.Model.Save(model, schema, file);
        return file.ToArray();
    }

    /// <summary>A segmenter in a chain of one stage, in another chain, and so on.</summary>
    private static byte[] Nested(int depth)
    {
        var sound = new ModelFileBuilder();
        var builder = new ModelFileBuilder();
        foreach (var name in sound.Names.Where(name => name.StartsWith("TransformerChain/", StringComparison.Ordinal)))
        {
            builder.Remove(name);
        }

        var key = ChainOfOne(sound[ModelFileBuilder.ChainKey]);
        var folder = "TransformerChain/";
        for (var i = 0; i < depth; i++)
        {
            builder.Add(folder + "Model.key", key);
            folder += "Transform_000/";
        }

        foreach (var name in sound.Names.Where(name => name.StartsWith(ModelFileBuilder.Segmenter, StringComparison.Ordinal)))
        {
            builder.Add(folder + name[ModelFileBuilder.Segmenter.Length..], sound[name]);
        }

        return builder.Create();
    }

    private static byte[] ChainOfOne(byte[] key)
    {
        const int content = 256;
        var stages = BitConverter.ToInt32(key, content);
        var less = sizeof(int) * (stages - 1);
        byte[] chain = [.. key[..content], 1, 0, 0, 0, .. key[(content + 4)..(content + 8)], .. key[(content + 8 + less)..]];
        foreach (var at in (int[])[0x18, 0x80, 0x88, 0x90])
        {
            BinaryPrimitives.WriteInt64LittleEndian(chain.AsSpan(at), BitConverter.ToInt64(chain, at) - less);
        }

        return chain;
    }

    private sealed class Numbers
    {
        public float One { get; set; }

        public float Two { get; set; }
    }

    private sealed class Words
    {
        public string Text { get; set; } = "";
    }
}
