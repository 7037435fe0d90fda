using System.Globalization;
using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Onnx.Model;

/// <summary>Reads the properties of an exported file, strictly.</summary>
/// <param name="properties">Names and values.</param>
internal sealed class PropertyReader(IReadOnlyDictionary<string, string> properties)
{
    private const int MaximumTissues = 254;
    private const int MaximumPatch = 1 << 14;

    /// <summary>All that is needed to predict.</summary>
    /// <exception cref="FormatException">A property is missing, or its value is none that it can have.</exception>
    public ModelFacts Read()
    {
        CheckFormat();
        var (tissues, background) = Tissues();
        var views = Number(OnnxProperties.Views, 1, 8);
        return new ModelFacts
        {
            Tissues = tissues,
            Background = background,
            MicronsPerPixel = properties.ContainsKey(OnnxProperties.MicronsPerPixel) ? Real(OnnxProperties.MicronsPerPixel, double.Epsilon, double.MaxValue) : null,
            PatchSize = Size(OnnxProperties.PatchSize),
            IsWhole = One(OnnxProperties.Prediction, "Windows", "Whole") == 1,
            Views = views is 1 or 2 or 4 or 8 ? views : throw Wrong(OnnxProperties.Views, "1, 2, 4 or 8"),
            Blending = properties.ContainsKey(OnnxProperties.Blending) ? (OnnxBlending)One(OnnxProperties.Blending, nameof(OnnxBlending.Uniform), nameof(OnnxBlending.Hann)) : OnnxBlending.Uniform,
            IsSpread = One(OnnxProperties.Uncertainty, "Entropy", "Spread") == 1,
            Gate = (GateKind)One(OnnxProperties.Gate, nameof(GateKind.None), nameof(GateKind.Whole), nameof(GateKind.Windows)),
            GateThreshold = Real(OnnxProperties.GateThreshold, 0, 1),
            IsReference = One(OnnxProperties.Recipe, "Default", "Reference") == 1,
            GatePatchSize = Size(OnnxProperties.GatePatchSize),
            GateOverlaps = One(OnnxProperties.GateOverlap, "false", "true") == 1,
            PresenceThresholds = Thresholds(tissues.Count),
            Marking = properties.ContainsKey(OnnxProperties.BackgroundGrey) ? (Number(OnnxProperties.BackgroundGrey, 0, 255), Number(OnnxProperties.BackgroundRegion, 0, int.MaxValue)) : null,
        };
    }

    /// <summary>The value of a property.</summary>
    /// <exception cref="FormatException">It is missing.</exception>
    public string Text(string name) => properties.TryGetValue(name, out var value) ? value
        : throw new FormatException($"it has no property '{name}'; export the model again with this release.");

    private void CheckFormat()
    {
        if (!properties.ContainsKey(OnnxProperties.Format))
        {
            throw new FormatException($"it has no property '{OnnxProperties.Format}', so it is another model's; write one with 'mlps export --format onnx' or ExportOnnx.");
        }

        var format = Number(OnnxProperties.Format, 1, int.MaxValue);
        if (format > OnnxProperties.CurrentFormat)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it is of format {format}, and this release reads {OnnxProperties.CurrentFormat}; update Mlps.Onnx."));
        }
    }

    private (IReadOnlyList<OnnxTissue> Tissues, OnnxTissue? Background) Tissues()
    {
        try
        {
            using var document = JsonDocument.Parse(Text(OnnxProperties.Classes));
            OnnxTissue[] tissues = [.. document.RootElement.GetProperty("classes").EnumerateArray().Select(Tissue)];
            var background = document.RootElement.TryGetProperty("background", out var element) && element.ValueKind is not JsonValueKind.Null ? Tissue(element) : null;
            return tissues.Length is > 0 and <= MaximumTissues ? (tissues, background) : throw Wrong(OnnxProperties.Classes, FormattableString.Invariant($"1 to {MaximumTissues} classes"));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Wrong(OnnxProperties.Classes, "classes as in dataset.json", exception);
        }
    }

    private OnnxTissue Tissue(JsonElement element)
    {
        var (name, color) = (element.GetProperty("name").GetString(), element.GetProperty("color").GetString());
        return !string.IsNullOrWhiteSpace(name)
            && color is ['#', .. { Length: 6 } digits] && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new OnnxTissue(name, (byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : throw Wrong(OnnxProperties.Classes, "a name and a colour such as #CD3333 for each class");
    }

    private double[] Thresholds(int count)
    {
        try
        {
            using var document = JsonDocument.Parse(Text(OnnxProperties.PresenceThresholds));
            double[] thresholds = [.. document.RootElement.EnumerateArray().Select(element => element.GetDouble())];
            return thresholds.Length == count && thresholds.All(threshold => threshold is > 0 and < 1)
                ? thresholds
                : throw Wrong(OnnxProperties.PresenceThresholds, FormattableString.Invariant($"{count} numbers above 0 and below 1, one for each class"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException { Data.Count: 0, InnerException: not null })
        {
            throw Wrong(OnnxProperties.PresenceThresholds, "an array of numbers", exception);
        }
    }

    private (int Height, int Width) Size(string name)
    {
        var parts = Text(name).Split('x');
        return parts.Length == 2 && TryRead(parts[0], 1, MaximumPatch, out var height) && TryRead(parts[1], 1, MaximumPatch, out var width)
            ? (height, width)
            : throw Wrong(name, "height and width in pixels such as 224x224");
    }

    private int Number(string name, int lowest, int highest) =>
        TryRead(Text(name), lowest, highest, out var number) ? number : throw Wrong(name, FormattableString.Invariant($"a whole number from {lowest} to {highest}"));

    private double Real(string name, double lowest, double highest) =>
        double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest
            ? number
            : throw Wrong(name, FormattableString.Invariant($"a number from {lowest} to {highest}"));

    private int One(string name, params string[] choices) => Array.IndexOf(choices, Text(name)) is >= 0 and var index ? index : throw Wrong(name, string.Join(", ", choices));

    private static bool TryRead(string text, int lowest, int highest, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= lowest && number <= highest;

    private FormatException Wrong(string name, string expected, Exception? inner = null) =>
        new($"its property '{name}' is '{ShortText.Of(properties.GetValueOrDefault(name, string.Empty).ReplaceLineEndings(" "))}'; expected {expected}.", inner);
}
