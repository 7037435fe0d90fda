using System.Text.Json.Nodes;
using Microsoft.ML;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Torch.Inference;

namespace Mlps.Cli.Output;

/// <summary>Scores a model on a split: to the screen, to <c>metrics.json</c>, and as pictures.</summary>
internal static class Evaluation
{
    private const string MetricsName = "metrics.json";

    /// <summary>Damaged images that a message names.</summary>
    private const int Named = 20;

    /// <summary>The files that are written.</summary>
    public static IReadOnlyList<string> Names { get; } = [MetricsName, .. EvaluationPictures.Names];

    public static SegmentationMetrics Run(MLContext ml, TissueDataset dataset, DatasetSplit split, string splitName, TrainedModel model, SegmentationOptions asked, string folder, CancellationToken stop, bool skipDamaged = false)
    {
        if (!dataset.Classes.Names.SequenceEqual(model.Classes.Names))
        {
            throw new TissueDataException(dataset.Folder, $"its classes are {dataset.Classes}, the model's {model.Classes}.", "Evaluate with the dataset that the model was trained for.");
        }

        var damaged = dataset.FindDamaged(split, stop);
        if (damaged.Count > 0 && !skipDamaged)
        {
            throw new TissueDataException(
                $"{damaged.Count} images of {splitName} or their masks cannot be read, and scores without them are not those of the split: {string.Join(" ", damaged.Take(Named).Select(image => image.Reason))}"
                + $"{(damaged.Count > Named ? $" And {damaged.Count - Named} more." : string.Empty)} Copy them again, or give --skip-damaged.");
        }

        var table = dataset.Load(ml, split, skipDamaged ? DamagedImages.Skip : DamagedImages.Fail, stop);
        var gated = Score(ml, model.Transform(table, asked), asked.Gate is GateMode.None ? "Scoring" : "Scoring with the gate", stop);
        var ungated = asked.Gate is GateMode.None ? gated : Score(ml, model.Transform(table, asked with { Gate = GateMode.None }), "Scoring without the gate", stop);

        TrainingSummary.Show(model);
        Say.Heading($"{dataset.Name}, {splitName}: {gated.PatchCount} images{(damaged.Count > 0 ? $" ({damaged.Count} damaged ones left out)" : string.Empty)}, predicted by {asked.Prediction}, {asked.Views} view{(asked.Views > 1 ? "s" : string.Empty)}{(asked.Blending is BlendingKind.Uniform ? ", windows not blended" : string.Empty)}, {(asked.Gate is GateMode.None ? "no gate" : $"gate {asked.Gate} at {asked.GateThreshold:g3}")}");
        Say.Lines(gated.ToString());
        if (asked.Gate is not GateMode.None)
        {
            Say.Line($"Without the gate: mIoU {ungated.ProtocolA.MeanIoU:f4} (A), {ungated.ProtocolB.MeanIoU:f4} (B); with it: {gated.ProtocolA.MeanIoU:f4} (A), {gated.ProtocolB.MeanIoU:f4} (B).");
        }

        Directory.CreateDirectory(folder);
        var json = gated.ToJson(splitName);
        json["withoutGate"] = ungated.ToJson(splitName)["protocols"]!.DeepClone();
        json["prediction"] = new JsonObject { ["mode"] = asked.Prediction.ToString(), ["views"] = asked.Views, ["blending"] = asked.Blending.ToString(), ["precision"] = asked.Precision.ToString(), ["gate"] = asked.Gate.ToString(), ["gateThreshold"] = asked.GateThreshold };
        json["damaged"] = new JsonArray([.. damaged.Select(image => new JsonObject { ["image"] = image.Patch.Name, ["reason"] = image.Reason })]);
        AtomicOutput.WriteText(Path.Combine(folder, MetricsName), json.ToJsonString(OutputJson.Default.Options) + "\n");
        Say.Written(Path.Combine(folder, MetricsName));
        EvaluationPictures.Save(ml, table, some => model.Transform(some, asked), dataset, splitName, folder, stop);
        return gated;
    }

    private static SegmentationMetrics Score(MLContext ml, IDataView predicted, string what, CancellationToken stop) =>
        WorkDisplay.Run(what, (int)(predicted.GetRowCount() ?? 0), step => ml.TissueSegmentation.Evaluate(CountedView.Create(ml, predicted, step, stop)));
}
