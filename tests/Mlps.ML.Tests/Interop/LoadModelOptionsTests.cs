using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Options in model files from strangers: those that no code could set are refused.</summary>
public sealed class LoadModelOptionsTests
{
    private static readonly MLContext _ml = new();

    [Fact]
    public void Load_OptionsThatAreNull_AreRefusedByBothLoaders()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "model.json", _ => "null"u8.ToArray()).Create();

        ModelRefusal.AssertContains("it is null", ModelRefusal.Of(file));
        Assert.Contains("it is null", Assert.ThrowsAny<Exception>(() => _ml.Model.Load(new MemoryStream(file), out _)).GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OptionsOfManyMegabytes_AreNotParsed()
    {
        var file = new ModelFileBuilder().Edit(ModelFileBuilder.Classifier, "model.json", json => [.. json, .. Enumerable.Repeat((byte)' ', 17 << 20)]).Create(CompressionLevel.NoCompression);

        ModelRefusal.AssertContains("where 16777216 are the most", ModelRefusal.Of(file));
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

        ModelRefusal.AssertContains(message, ModelRefusal.Of(file));
        var plain = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(new MemoryStream(file), out _)).GetBaseException();
        Assert.IsType<FormatException>(plain);
        Assert.Contains(message, plain.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NameOfTenMegabytes_IsRefusedAndNotPrinted()
    {
        var file = new ModelFileBuilder().EditOptions(ModelFileBuilder.Classifier, "\"ImageColumnName\": \"Image\"", $"\"ImageColumnName\": \"{new string('x', 10_000_000)}\"").Create(CompressionLevel.NoCompression);

        var message = ModelRefusal.Of(file);

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

        ModelRefusal.AssertContains("not those of the network", ModelRefusal.Of(file));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 512L << 20);
    }
}
