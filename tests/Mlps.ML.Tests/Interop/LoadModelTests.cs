using System.Buffers.Binary;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Chains from strangers: what they are made of is looked at before ML.NET reads any of it.</summary>
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

        var loaded = ModelRefusal.Load(Saved(chain, table.Schema));

        Assert.Equal(chain.Transform(table).GetColumn<float[]>("Both"), loaded.Transform(table).GetColumn<float[]>("Both"));
    }

    [Fact]
    public void LoadModel_OtherComponent_IsRefusedUnlessItIsNamed()
    {
        var table = _ml.Data.LoadFromEnumerable([new Words { Text = "two words" }]);
        var file = Saved(_ml.Transforms.Text.TokenizeIntoWords("Word", "Text").Fit(table), table.Schema);

        Assert.Contains("the component 'TokenizeTextTransform' of the assembly 'Microsoft.ML.Transforms'", ModelRefusal.Of(file), StringComparison.Ordinal);
        Assert.NotNull(ModelRefusal.Load(file, new() { AdditionalComponents = ["TokenizeTextTransform"] }));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1000)]
    public void LoadModel_ChainsInChains_AreRefused(int depth) => Assert.Contains("folders deep", ModelRefusal.Of(Nested(depth)), StringComparison.Ordinal);

    [Fact]
    public void LoadModel_AFewChainsInChains_AreLoaded()
    {
        using var model = (IDisposable)ModelRefusal.Load(Nested(5));
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

        Assert.Contains("number of stages", ModelRefusal.Of(builder.Create()), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_StageMissing_IsRefusedByName()
    {
        var builder = new ModelFileBuilder();
        foreach (var name in builder.Names.Where(name => name.StartsWith(ModelFileBuilder.PseudoMasks, StringComparison.Ordinal)).ToArray())
        {
            builder.Remove(name);
        }

        ModelRefusal.AssertContains($"its chain has 3 stages, and '{ModelFileBuilder.PseudoMasks}Model.key' is missing", ModelRefusal.Of(builder.Create()));
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
    public void LoadModel_AssemblyOfAnotherName_IsRefusedBeforeItIsLoaded()
    {
        var builder = new ModelFileBuilder();
        var key = Encoding.Latin1.GetString(builder[ModelFileBuilder.ChainKey]);
        builder[ModelFileBuilder.ChainKey] = Encoding.Latin1.GetBytes(key.Replace("M\0L\0.\0D\0a\0t\0a\0", "M\0L\0.\0E\0v\0i\0l\0", StringComparison.Ordinal));

        Assert.Contains("in the assembly 'Microsoft.ML.Evil'", ModelRefusal.Of(builder.Create()), StringComparison.Ordinal);
    }

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
