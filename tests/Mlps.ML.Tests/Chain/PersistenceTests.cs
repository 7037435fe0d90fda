using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.LoadProbe;
using Mlps.ML.Tests.Interop.Fakes;
using Mlps.Testing;
using Mlps.Torch.Inference;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>A trained chain through <c>ml.Model.Save</c> and <c>ml.Model.Load</c>, here and in a process that has never heard of Mlps.</summary>
[Collection(ChainTests.Name)]
public sealed class PersistenceTests : IDisposable
{
    private const int Width = 44;
    private const int Height = 36;

    private static readonly string[] _floats = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability", "PixelUncertainty"];
    private static readonly string[] _bytes = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7", "PredictedMask"];

    private readonly TemporaryFolder _folder = new();
    private readonly TrainedChain _chain;

    public PersistenceTests(TrainedChain chain)
    {
        _chain = chain;
        _chain.Ml.Model.Save(_chain.Model, TinyTable.Patches(1).Labelled().Schema, ModelPath);
    }

    private string ModelPath => _folder.Combine("model.zip");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_InThisProcess_PredictionsAreIdentical()
    {
        using var loaded = Load(new MLContext());
        var images = TinyTable.Images(5, Width, Height);
        IDataView expected = _chain.Model.Transform(images.Labelled()), actual = loaded.Transform(images.Labelled());

        Assert.Equal(expected.Schema.Select(column => (column.Name, column.Type)), actual.Schema.Select(column => (column.Name, column.Type)));
        Assert.All(_floats, column => Assert.Equal(expected.Vectors<float>(column), actual.Vectors<float>(column)));
        Assert.All(_bytes, column => Assert.Equal(expected.Vectors<byte>(column), actual.Vectors<byte>(column)));
    }

    [Fact]
    public async Task Load_InAFreshProcess_PredictionsAreIdentical()
    {
        var patches = new TinyTable(new TinyRow(0), new TinyRow(1), new TinyRow(2));
        var images = new PatchColumn<MLImage>("Image", new Microsoft.ML.Transforms.Image.ImageDataViewType(), (TissuePatch patch, ref MLImage value) =>
        {
            value?.Dispose();
            value = TestImages.Create(int.Parse(patch.Name.AsSpan("patch ".Length)), Width, Height);
        });
        var expected = _chain.Model.Transform(patches.View(patches.Name, images));

        var outcome = await LoadProbeProcess.RunAsync(ModelPath, 3, Width, Height, [.. _floats, .. _bytes]);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("loaded before: False", outcome.Output, StringComparison.Ordinal);
        Assert.All(_floats, column => Assert.Equal(expected.Vectors<float>(column), outcome.Column(column)));
        Assert.All(_bytes, column => Assert.Equal(expected.Vectors<byte>(column).Select(mask => mask.Select(index => (float)index)), outcome.Column(column)));
    }

    [Fact]
    public void Load_OtherGateAndThreshold_AreRemembered()
    {
        var asked = new SegmentationOptions { Prediction = PredictionMode.Whole, Gate = GateMode.Whole, GateThreshold = 0.42, Recipe = Mlps.Torch.Recipe.Reference };
        using var stream = new MemoryStream();
        _chain.Ml.Model.Save(_chain.Model.LastTransformer.With(asked), null, stream);
        stream.Position = 0;

        using var loaded = (GatedSegmenterTransformer)new MLContext().Model.Load(stream, out _);

        Assert.Equal(asked, loaded.Segmentation);
        Assert.Equal((TinyTissue.Side, TinyTissue.Side), loaded.Segmenter.PatchSize);
        Assert.Equal(TinyTissue.Classes, loaded.Classes);
    }

    [Fact]
    public void Save_LoadedModel_GivesTheSameBytesOfWeights()
    {
        using var loaded = Load(new MLContext());
        var again = _folder.Combine("again.zip");

        new MLContext().Model.Save(loaded, null, again);

        var first = Entries(ModelPath);
        Assert.Equal(2, first.Count(entry => entry.Key.EndsWith("weights.safetensors", StringComparison.Ordinal)));
        var second = Entries(again);
        Assert.All(first.Where(entry => !entry.Key.StartsWith("Schema", StringComparison.Ordinal)), entry => Assert.Equal(entry.Value, second[entry.Key]));
    }

    [Fact]
    public void Load_GpuThatIsNotThereWithoutFallback_FailsAndSaysWhatToDo()
    {
        var ml = new MLContext { GpuDeviceId = 99, FallbackToCpu = false };

        var error = Assert.ThrowsAny<Exception>(() => Load(ml)).GetBaseException();

        Assert.StartsWith("GPU 99 was requested", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TruncatedFile_Fails()
    {
        var bytes = File.ReadAllBytes(ModelPath);
        File.WriteAllBytes(ModelPath, bytes[..(bytes.Length / 2)]);

        Assert.ThrowsAny<Exception>(() => Load(new MLContext()));
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("model.json")]
    public void Load_FlippedByteInAPart_NamesThePart(string part)
    {
        Rewrite(part, bytes => bytes[bytes.Length / 2] ^= 0x20);

        var error = Assert.ThrowsAny<Exception>(() => Load(new MLContext())).GetBaseException();

        Assert.StartsWith("The model is damaged: in the part for Tissue", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the checksum of '{part}' is wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PartIsMissing_NamesThePart()
    {
        Rewrite("weights.safetensors", edit: null);

        var error = Assert.ThrowsAny<Exception>(() => Load(new MLContext())).GetBaseException();

        Assert.Contains("'weights.safetensors' is missing", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, byte[]> Entries(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        return zip.Entries.ToDictionary(entry => entry.FullName.Replace('\\', '/'), Read);
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private TransformerChain<ITransformer> Load(MLContext ml) => (TransformerChain<ITransformer>)ml.Model.Load(ModelPath, out _);

    /// <summary>Changes the first part of a name, or takes it out.</summary>
    private void Rewrite(string part, Action<byte[]>? edit)
    {
        using var zip = ZipFile.Open(ModelPath, ZipArchiveMode.Update);
        var entry = zip.Entries.First(one => one.FullName.EndsWith(part, StringComparison.Ordinal));
        var name = entry.FullName;
        var bytes = Read(entry);
        entry.Delete();
        if (edit is not null)
        {
            edit(bytes);
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(bytes);
        }
    }
}
