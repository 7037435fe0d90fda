using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Testing;
using Mlps.Torch;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Whatever a host has done to TorchSharp's state, tables and models come out the same, and that state stays as it was.</summary>
[Collection(ChainTests.Name)]
public sealed class HostStateTests(TrainedChain chain) : IDisposable
{
    /// <summary>What a training gives while nothing else happens; trained once.</summary>
    private static float[][]? _alone;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> States => [.. HostState.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(States))]
    public void Transform_InAnyStateOfTheHost_GivesTheSameAndLeavesTheState(string state)
    {
        var expected = Columns(chain.Model);

        using var host = HostState.Enter(state);

        Assert.Equal(expected, Columns(chain.Model));
        Assert.Empty(host.Changes());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Table_MadeBeforeTheState_IsReadInIt(string state)
    {
        var table = TinyTable.Images(2, 40, 36).Labelled();
        var predicted = chain.Model.Transform(table);
        var expected = predicted.Vectors<float>("ActivationMaps");

        using var host = HostState.Enter(state);

        Assert.Equal(expected, predicted.Vectors<float>("ActivationMaps"));
        Assert.Empty(host.Changes());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void LoadAndSave_InAnyStateOfTheHost_GiveAModelForAnyOther(string state)
    {
        var path = _folder.Combine("model.zip");
        var again = _folder.Combine("again.zip");
        chain.Ml.Model.Save(chain.Model, TinyTable.Patches(1).Labelled().Schema, path);
        var expected = Columns(chain.Model);
        ITransformer loaded;
        using (var host = HostState.Enter(state))
        {
            var ml = new MLContext(1);
            loaded = ml.Model.Load(path, out var schema);
            ml.Model.Save(loaded, schema, again);
            Assert.Equal(expected, Columns(loaded));
            Assert.Empty(host.Changes());
        }

        Assert.Equal(expected, Columns(loaded));
        Assert.Equal(expected, Columns(new MLContext(1).Model.Load(again, out _)));
        (loaded as IDisposable)?.Dispose();
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Fit_InAnyStateOfTheHost_GivesTheSameAndLeavesTheState(string state)
    {
        var expected = _alone ??= FitColumns("alone");
        TransformerChain<GatedSegmenterTransformer> model;
        using (var host = HostState.Enter(state))
        {
            model = Fit("state");
            Assert.Equal(expected, Columns(model));
            Assert.Empty(host.Changes());
        }

        using (model)
        {
            Assert.Equal(expected, Columns(model));
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void PredictionEngine_InAnyStateOfTheHost_GivesTheSame(string state)
    {
        var expected = Predict();

        using var host = HostState.Enter(state);
        var actual = Predict();

        Assert.Equal(expected.PredictedMask, actual.PredictedMask);
        Assert.Equal(expected.ActivationMaps, actual.ActivationMaps);
        Assert.Empty(host.Changes());
    }

    [Theory]
    [MemberData(nameof(States))]
    public void RowThatCannotBeRead_LeavesTheState(string state)
    {
        var table = new TinyTable(Enumerable.Range(0, 3).Select(number => new TinyRow(number))) { BrokenImage = "patch 1" };
        using var host = HostState.Enter(state);

        Assert.ThrowsAny<IOException>(() => chain.Model.Transform(table.Labelled()).Vectors<float>("ActivationMaps"));
        Assert.ThrowsAny<IOException>(() => TinyChain.Create(new MLContext(1)).Fit(table.Labelled()));

        Assert.Empty(host.Changes());
    }

    [Fact]
    public async Task Fits_AtOnceWithOneSeed_GiveWhatOneGives()
    {
        var expected = _alone ??= FitColumns("alone");

        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(() => FitColumns($"{number}"))));

        Assert.All(both, columns => Assert.Equal(expected, columns));
    }

    private static float[][] Columns(ITransformer model)
    {
        var predicted = model.Transform(TinyTable.Images(3, 40, 36).Labelled());
        string[] floats = ["Probability", "GateProbability", "ActivationMaps", "PixelProbability"];
        string[] bytes = ["PseudoMask.b4_5", "PseudoMask.b5_2", "PseudoMask.bn7", "PredictedMask"];
        return [.. floats.SelectMany(column => predicted.Vectors<float>(column)), .. bytes.SelectMany(column => predicted.Vectors<byte>(column)).Select(row => row.Select(value => (float)value).ToArray())];
    }

    private float[][] FitColumns(string name)
    {
        using var model = Fit(name);
        return Columns(model);
    }

    /// <summary>With everything that a training may have: validation, checkpoints, logs with pictures, dropout, varied patches, 16 bits for one stage.</summary>
    private TransformerChain<GatedSegmenterTransformer> Fit(string name)
    {
        var (checkpoints, logs) = (_folder.Combine(name, "checkpoints"), _folder.Combine(name, "logs"));
        var validation = TinyTable.Images(2, 40, 36).Masked();
        var classifier = TinyChain.Classifier with
        {
            Training = new() { Epochs = 2, BatchSize = 4, Attention = new() { FirstEpoch = 1 }, Augmentation = new() { StainJitter = 0.2, BlurProbability = 0.5 } },
            Run = new() { ValidationSet = validation, CheckpointDirectory = checkpoints, LogDirectory = logs },
        };
        var segmenter = TinyChain.Segmenter with
        {
            Training = new() { Epochs = 2, BatchSize = 4, Precision = Precision.BFloat16 },
            Run = new() { ValidationSet = validation, CheckpointDirectory = checkpoints, LogDirectory = logs },
        };
        return TinyChain.Create(new MLContext(seed: 4), classifier, segmenter: segmenter).Fit(TinyTable.Patches(8).Labelled());
    }

    private Prediction Predict()
    {
        using var image = TinyTissue.Image(1, TinyTissue.Side, TinyTissue.Side);
        using var engine = chain.Ml.Model.CreatePredictionEngine<Question, Prediction>(chain.Model, new PredictionEngineOptions { OwnsTransformer = false });
        return engine.Predict(new Question { Image = image, Label = [true, true] });
    }

    private sealed class Question
    {
        [ImageType(TinyTissue.Side, TinyTissue.Side)]
        public MLImage? Image { get; set; }

        [VectorType(2)]
        public bool[] Label { get; set; } = [];
    }

    private sealed class Prediction
    {
        public byte[] PredictedMask { get; set; } = [];

        public float[] ActivationMaps { get; set; } = [];
    }
}
