using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.ML.Tests.Chain;

/// <summary>Thresholds chosen on a validation set, and columns scaled by them.</summary>
[Collection(ChainTests.Name)]
public sealed class PresenceThresholdTests
{
    private readonly MLContext _ml = new(seed: 11);

    [Fact]
    public void Fit_FromValidation_ScalesBothProbabilityColumnsByTheThresholds()
    {
        using var model = Fit(PresenceThresholds.FromValidation, TinyTable.Patches(9).Labelled());
        var thresholds = model.PresenceThresholds;
        Assert.Contains(thresholds, threshold => threshold != 0.5);
        Assert.All(thresholds, threshold => Assert.InRange(threshold, 0.1, 0.9));

        using var plain = Fit(PresenceThresholds.Fixed, TinyTable.Patches(9).Labelled());
        var images = TinyTable.Images(4, 44, 36).Labelled();
        foreach (var column in new[] { "Probability", "GateProbability" })
        {
            var (raw, scaled) = (plain.Transform(images).Vectors<float>(column), model.Transform(images).Vectors<float>(column));
            for (var row = 0; row < raw.Length; row++)
            {
                var cells = raw[row].Length / 2;
                Assert.All(Enumerable.Range(0, raw[row].Length), i => Assert.Equal(Scaled(raw[row][i], thresholds[i / cells]), scaled[row][i], 1e-4));
            }
        }

        Assert.Equal(plain.Transform(images).Vectors<float>("ActivationMaps"), model.Transform(images).Vectors<float>("ActivationMaps"));
    }

    [Fact]
    public void Fit_WithoutValidationSet_StaysAtOneHalf()
    {
        using var model = Fit(PresenceThresholds.FromValidation, validation: null);

        Assert.Equal([0.5, 0.5], model.PresenceThresholds);
    }

    [Fact]
    public void Save_ThresholdsAndViews_AreRemembered()
    {
        var labelled = TinyTable.Patches(9).Labelled();
        using var model = Fit(PresenceThresholds.FromValidation, labelled, views: 8);
        using var one = Fit(PresenceThresholds.Fixed, labelled);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        stream.Position = 0;

        using var loaded = (PatchClassifierTransformer)new MLContext().Model.Load(stream, out _);

        Assert.Equal(model.PresenceThresholds, loaded.PresenceThresholds);
        var images = TinyTable.Images(3, 44, 36).Labelled();
        Assert.All(["Probability", "GateProbability", "ActivationMaps"], column =>
            Assert.Equal(model.Transform(images).Vectors<float>(column), loaded.Transform(images).Vectors<float>(column)));
        Assert.NotEqual(one.Transform(images).Vectors<float>("ActivationMaps"), loaded.Transform(images).Vectors<float>("ActivationMaps"));
    }

    [Fact]
    public void ActivationMaps_OverViews_SeeImagesWithOneTissueOnce()
    {
        using var eight = Fit(PresenceThresholds.Fixed, validation: null, views: 8);
        using var one = Fit(PresenceThresholds.Fixed, validation: null);
        var images = TinyTable.Images(6, 44, 36).Labelled();
        var counts = images.Vectors<bool>("Label").Select(label => label.Count(occurs => occurs)).ToArray();
        var (averaged, single) = (eight.Transform(images).Vectors<float>("ActivationMaps"), one.Transform(images).Vectors<float>("ActivationMaps"));

        Assert.Contains(counts, count => count == 1);
        Assert.Contains(counts, count => count > 1);
        for (var row = 0; row < counts.Length; row++)
        {
            var distance = averaged[row].Zip(single[row], (a, b) => Math.Abs(a - b)).Max() / single[row].Max(Math.Abs);
            Assert.Equal(counts[row] > 1, distance > 1e-3);
        }
    }

    private PatchClassifierTransformer Fit(PresenceThresholds presence, IDataView? validation, int views = 1) =>
        _ml.TissueSegmentation.PatchClassifier(
            TinyTissue.Classes,
            TinyChain.Classifier with
            {
                PresenceThresholds = presence,
                ActivationMapViews = views,
                Training = new() { Epochs = 4, BatchSize = 4, Seed = 5, Optimizer = new() { LearningRate = 0.003 } },
                Run = new() { ValidationSet = validation },
            }).Fit(TinyTable.Patches(9).Labelled());

    private static double Scaled(double probability, double threshold) => probability * (1 - threshold) / ((probability * (1 - threshold)) + ((1 - probability) * threshold));
}
