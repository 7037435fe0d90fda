using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Interoperability;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary><c>train --stains</c>, and <c>predict</c> with its model.</summary>
[Collection(ChainTests.Name)]
public sealed class TrainStainsTests : IDisposable
{
    private readonly TissueFolder _tissue = new();

    public void Dispose() => _tissue.Dispose();

    [Fact]
    public async Task Train_Stains_AreInTheModelAndInItsPredictions()
    {
        File.WriteAllText(_tissue.File("dataset.json"), TinyTissue.Classes.ToJson());
        var model = _tissue.File("model.zip");

        var trained = await CommandLineProcess.RunAsync(
            "train", "--data", Path.GetDirectoryName(model)!, "--model", model, "--output", _tissue.File("training"), "--stains", "reinhard", "--stain-reference", _tissue.PathOf(2),
            "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "4");
        Assert.True(trained.ExitCode == 0, trained.Output + trained.Error);
        var predicted = await CommandLineProcess.RunAsync("predict", "--model", model, "--images", _tissue.TrainFolder, "--output", _tissue.File("predictions"));
        Assert.True(predicted.ExitCode == 0, predicted.Output + predicted.Error);

        var ml = new MLContext();
        using var loaded = (TransformerChain<ITransformer>)ml.Model.Load(model, out _);
        Assert.Equal(StainMethod.Reinhard, Assert.IsType<StainNormalizationTransformer>(loaded.First()).Method);
        Assert.IsType<GatedSegmenterTransformer>(loaded.Last());
        var masks = loaded.Transform(TissueDataset.LoadImages(ml, _tissue.TrainFolder)).GetColumn<VBuffer<byte>>("PredictedMask").Select(mask => mask.DenseValues().ToArray()).ToArray();
        var written = Directory.GetFiles(_tissue.File("predictions/masks")).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(TissueFolder.Count, written.Length);
        Assert.Equal(masks.Select(Hash).Order(), written.Select(path => Hash(PalettePng.Read(path).Indices.ToArray())).Order());

        static string Hash(byte[] mask) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(mask));
    }

    [Fact]
    public async Task Train_StainReferenceAlone_SaysWhatIsMissing()
    {
        File.WriteAllText(_tissue.File("dataset.json"), TinyTissue.Classes.ToJson());
        var result = await CommandLineProcess.RunAsync("train", "--data", Path.GetDirectoryName(_tissue.TrainFolder)!, "--model", _tissue.File("model.zip"), "--stain-reference", _tissue.PathOf(2));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--stains", result.Error, StringComparison.Ordinal);
    }
}
