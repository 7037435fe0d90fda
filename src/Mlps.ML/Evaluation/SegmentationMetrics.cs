using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mlps.Torch.Evaluation;

namespace Mlps.ML;

/// <summary>
/// How well predicted masks agree with true masks over a whole table, under both published protocols.
/// </summary>
/// <remarks>
/// One confusion matrix is kept over all patches, so a large patch weighs more than a small one and a class that is rare in one patch
/// still counts. Scores of the two protocols are not comparable with each other: name the protocol with every score.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class SegmentationMetrics : IHtml
{
    internal SegmentationMetrics(IReadOnlyList<string> classNames, PixelConfusionMatrix matrix, long patchCount)
    {
        ClassNames = classNames;
        PatchCount = patchCount;
        ProtocolA = new ProtocolMetrics(classNames, SegmentationScores.Compute(matrix, ScoringProtocol.A));
        ProtocolB = new ProtocolMetrics(classNames, SegmentationScores.Compute(matrix, ScoringProtocol.B));
    }

    /// <summary>Names of the C tissue classes, in the order of their indices.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of patches, that is rows, compared.</summary>
    public long PatchCount { get; }

    /// <summary>Scores with the pixels of true background dropped.</summary>
    public ProtocolMetrics ProtocolA { get; }

    /// <summary>Scores with background as a class of the confusion matrix; class means run over the tissue classes.</summary>
    public ProtocolMetrics ProtocolB { get; }

    /// <summary>
    /// The scores as JSON: <c>split</c>, <c>patches</c>, and under <c>protocols</c> one object each for <c>A</c> and <c>B</c>.
    /// </summary>
    /// <param name="split">What was evaluated, such as <c>test</c>.</param>
    /// <returns>A new object that the caller may add properties to. Values that are not a number are null.</returns>
    public JsonObject ToJson(string split)
    {
        ArgumentNullException.ThrowIfNull(split);
        return new JsonObject
        {
            ["split"] = split,
            ["patches"] = PatchCount,
            ["protocols"] = new JsonObject { ["A"] = ToJson(ProtocolA), ["B"] = ToJson(ProtocolB) },
        };
    }

    /// <summary>A table of the scores of both protocols, one score a line.</summary>
    public override string ToString()
    {
        var rows = new List<(string Name, double A, double B)>
        {
            ("mean IoU", ProtocolA.MeanIoU, ProtocolB.MeanIoU),
            ("frequency-weighted IoU", ProtocolA.FrequencyWeightedIoU, ProtocolB.FrequencyWeightedIoU),
            ("pixel accuracy", ProtocolA.PixelAccuracy, ProtocolB.PixelAccuracy),
            ("mean class accuracy", ProtocolA.MeanClassAccuracy, ProtocolB.MeanClassAccuracy),
        };
        rows.AddRange(ClassNames.Select(name => ($"IoU of {name}", ProtocolA.ClassIoU[name], ProtocolB.ClassIoU[name])));

        var width = rows.Max(row => row.Name.Length);
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{PatchCount} patches, {ProtocolB.ConfusionMatrix.Total} pixels");
        table.AppendLine(CultureInfo.InvariantCulture, $"{new string(' ', width)}  protocol A  protocol B");
        foreach ((var name, var a, var b) in rows)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{name.PadRight(width)}  {Format(a),10}  {Format(b),10}");
        }

        return table.Append("A drops pixels of true background; B counts background as a class.").ToString();
    }

    private static string Format(double value) => double.IsNaN(value) ? "n/a" : value.ToString("F4", CultureInfo.InvariantCulture);

    private static JsonObject ToJson(ProtocolMetrics metrics)
    {
        var classIoU = new JsonObject();
        foreach ((var name, var value) in metrics.ClassIoU)
        {
            classIoU[name] = Number(value);
        }

        return new JsonObject
        {
            ["meanIoU"] = Number(metrics.MeanIoU),
            ["frequencyWeightedIoU"] = Number(metrics.FrequencyWeightedIoU),
            ["pixelAccuracy"] = Number(metrics.PixelAccuracy),
            ["meanClassAccuracy"] = Number(metrics.MeanClassAccuracy),
            ["classIoU"] = classIoU,
        };
    }

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    string IHtml.Draw() => ScoreTables.Draw(this);
}
