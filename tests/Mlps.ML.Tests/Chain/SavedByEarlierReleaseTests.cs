using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.Testing;
using Mlps.Torch;
using Mlps.Torch.Inference;
using Mlps.Torch.Serialization;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>
/// Files that release 0.1 wrote: a chain of tiny networks after two epochs on twelve patches, what its checkpoints held beside tensors, and its logs. What is written today has the same form, to the byte, apart from properties that are new.
/// </summary>
public sealed class SavedByEarlierReleaseTests : IDisposable
{
    private static readonly string _fixtures = Path.Combine(RepositoryFolder.Root, "tests", "Mlps.ML.Tests", "Fixtures");

    private readonly TemporaryFolder _folder = new();

    private static string Model => Path.Combine(_fixtures, "model-0.1.zip");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Model_PredictsAndTellsHowItWasTrained()
    {
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(Model, out _);
        SyntheticTissue.Write(_folder.Combine("data"), new() { TrainPatches = 0, ValidationPatches = 0, TestPatches = 2, PatchSize = 32, EvaluationSize = 48, ClassCount = 2 });

        var masks = model.Transform(TissueDataset.LoadImages(ml, _folder.Combine("data", "test", "img"))).GetColumn<byte[]>("PredictedMask").ToArray();

        Assert.Equal([48 * 48, 48 * 48], masks.Select(mask => mask.Length));
        var classifier = model.OfType<PatchClassifierTransformer>().Single();
        Assert.Equal(["tumor", "stroma"], classifier.Classes.Names);
        Assert.Equal("0.1.0", classifier.Training.Versions["Mlps"]);
        Assert.Equal([1, 2], classifier.Training.Epochs.Select(epoch => epoch.Epoch));

        // It predicts as it did: that windows can be blended came later.
        Assert.Equal(BlendingKind.Uniform, ((GatedSegmenterTransformer)model.LastTransformer).Segmentation.Blending);
    }

    [Fact]
    public void Json_OfEachPartOfAModel_IsWrittenAsItWasRead()
    {
        Same<PatchClassifierModel>(Part(0), ModelReader.Json);
        Same<PseudoMaskModel>(Part(1), ModelReader.Json);
    }

    [Fact]
    public void Json_OfTheSegmenter_IsReadAsTheNextLayout()
    {
        var layout1 = JsonNode.Parse(Part(2))!.AsObject();
        GatedSegmenterModel.UpgradeLayout1(layout1);
        var contract = JsonContracts.Get<GatedSegmenterModel>(ModelReader.Json);

        var written = JsonSerializer.SerializeToNode(layout1.Deserialize(contract)!, contract)!;

        RemoveNew(written, layout1);
        Assert.True(JsonNode.DeepEquals(layout1, written), written.ToJsonString());
        Assert.Contains("Segmentation", layout1);
        Assert.DoesNotContain("Asking", layout1);
    }

    [Theory]
    [InlineData("patch-classifier")]
    [InlineData("segmenter")]
    public void Json_OfACheckpoint_IsWrittenAsItWasRead(string stage) =>
        Same<CheckpointContent>(File.ReadAllText(Path.Combine(_fixtures, $"{stage}-checkpoint-0.1.json")), TrainingCheckpoint.Json);

    /// <summary>A run goes on only from a checkpoint in which every option stands under the same path with the same text.</summary>
    [Theory]
    [InlineData("patch-classifier")]
    [InlineData("segmenter")]
    public void Fingerprint_OfTheSameOptions_IsThatOfTheCheckpoint(string stage)
    {
        var kept = JsonDocument.Parse(File.ReadAllText(Path.Combine(_fixtures, $"{stage}-checkpoint-0.1.json"))).RootElement.GetProperty("Fingerprint")
            .EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()!);
        var now = stage == "segmenter"
            ? new CheckpointFingerprint().Add("Architecture", new GatedSegmenterOptions().Architecture).Add("Normalization", new GatedSegmenterOptions().Normalization).Add("Gate", new GatedSegmenterOptions().Segmentation.Gate).Add("GateThreshold", 0.1).Add("Recipe", Recipe.Default).Add("ValidationData", null)
            : new CheckpointFingerprint().Add("Layers", new PatchClassifierOptions().EffectiveLayers).Add("Recipe", Recipe.Default).Add("Classes", (string[])["tumor", "stroma"]).Add("Width", 1.0 / 64).Add("Normalization", new PatchClassifierOptions().Normalization);

        // The run had another backbone than the default; what did not exist then is in no checkpoint.
        var common = now.Values.Where(value => value.Key is not ("Architecture.Backbone" or "Architecture.Width") && kept.ContainsKey(value.Key)).ToArray();
        Assert.True(common.Length >= 4, $"Only {common.Length} values are in both.");
        Assert.All(common, value => Assert.Equal(kept[value.Key], value.Value));
    }

    [Theory]
    [InlineData("patch-classifier")]
    [InlineData("segmenter")]
    public void Log_OfTheSameReports_IsTheSame(string stage)
    {
        var lines = File.ReadAllLines(Path.Combine(_fixtures, $"{stage}-log-0.1.jsonl"));
        var path = _folder.Combine("log.jsonl");

        using (var log = new JsonLinesLog(new MLContext(), path))
        {
            foreach (var line in lines)
            {
                log.Report(JsonSerializer.Deserialize(line, JsonContracts.Get<TrainingProgress>(JsonLinesLog.Json))!);
            }
        }

        Assert.NotEmpty(lines);
        Assert.Equal(lines, File.ReadAllLines(path));
    }

    /// <summary>What an older file lacks has its default, and not 0 or null: contracts made by the compiler would lose it.</summary>
    [Fact]
    public void Json_WithoutPropertiesOfToday_GivesTheirDefaults()
    {
        var classifier = Part(0);
        var without = string.Join('\n', classifier.Split('\n').Where(line => !line.Contains("\"OverlapGateWindows\"", StringComparison.Ordinal)));

        Assert.NotEqual(classifier, without);
        Assert.True(JsonSerializer.Deserialize(without, JsonContracts.Get<PatchClassifierModel>(ModelReader.Json))!.OverlapGateWindows);
        Assert.Equal(new SegmentationOptions(), JsonSerializer.Deserialize("{}", JsonContracts.Get<SegmentationOptions>(ModelReader.Json)));
        Assert.Equal(new AttentionProbe(), JsonSerializer.Deserialize("{}", JsonContracts.Get<AttentionProbe>(ModelReader.Json)));
    }

    private static string Part(int transformer)
    {
        using var archive = ZipFile.OpenRead(Model);
        using var reader = new StreamReader(archive.GetEntry($"TransformerChain/Transform_{transformer:000}/model.json")!.Open());
        return reader.ReadToEnd();
    }

    private static void Same<T>(string text, JsonSerializerOptions options)
    {
        var contract = JsonContracts.Get<T>(options);
        var written = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(text, contract)!, contract)!;
        RemoveNew(written, JsonNode.Parse(text)!);
        Assert.Equal(text, written.ToJsonString(options));
    }

    private static void RemoveNew(JsonNode? now, JsonNode? before)
    {
        if (now is JsonObject members)
        {
            foreach (var name in members.Select(member => member.Key).ToArray())
            {
                if (before is JsonObject known && !known.ContainsKey(name))
                {
                    members.Remove(name);
                }
                else
                {
                    RemoveNew(members[name], before?[name]);
                }
            }
        }
        else if (now is JsonArray items && before is JsonArray old && items.Count == old.Count)
        {
            for (var index = 0; index < items.Count; index++)
            {
                RemoveNew(items[index], old[index]);
            }
        }
    }

    private sealed record AttentionProbe
    {
        public double Share { get; init; } = 0.5;

        public string Column { get; init; } = "Label";

        public TrainingStage Stage { get; init; } = TrainingStage.Segmenter;
    }
}
