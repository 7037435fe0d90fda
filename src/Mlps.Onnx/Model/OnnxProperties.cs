namespace Mlps.Onnx.Model;

/// <summary>Names in an exported file, shared by its writer and its readers.</summary>
internal static class OnnxProperties
{
    /// <summary>The number of the layout that <see cref="Format"/> holds.</summary>
    public const int CurrentFormat = 1;

    public const string Format = "mlps.format";
    public const string Version = "mlps.version";
    public const string Classes = "mlps.classes";
    public const string ClassNames = "mlps.class_names";
    public const string ClassColors = "mlps.class_colors";
    public const string MicronsPerPixel = "mlps.microns_per_pixel";
    public const string Classifier = "mlps.classifier";
    public const string Segmenter = "mlps.segmenter";
    public const string Recipe = "mlps.recipe";

    /// <summary>What the graph's own gate does: <c>None</c> or <c>Whole</c>.</summary>
    public const string GraphGate = "mlps.gate";

    /// <summary>What the model's gate is: <c>None</c>, <c>Whole</c> or <c>Windows</c>.</summary>
    public const string Gate = "mlps.model_gate";

    public const string GateThreshold = "mlps.gate_threshold";

    /// <summary>Whether the gate's windows overlap: <c>true</c> or <c>false</c>.</summary>
    public const string GateOverlap = "mlps.gate_overlap";

    /// <summary>Height and width of the classifier's patches, as in <c>224x224</c>.</summary>
    public const string GatePatchSize = "mlps.gate_patch_size";

    /// <summary>Height and width of the segmenter's patches, as in <c>224x224</c>.</summary>
    public const string PatchSize = "mlps.patch_size";

    /// <summary>Thresholds from which each tissue counts as occurring, as a JSON array.</summary>
    public const string PresenceThresholds = "mlps.presence_thresholds";

    /// <summary><c>Whole</c> or <c>Windows</c>.</summary>
    public const string Prediction = "mlps.prediction";

    public const string Views = "mlps.views";

    /// <summary><c>Uniform</c> or <c>Hann</c>; absent in files of releases that knew the first alone.</summary>
    public const string Blending = "mlps.blending";

    /// <summary><c>Entropy</c> or <c>Spread</c>.</summary>
    public const string Uncertainty = "mlps.uncertainty";

    /// <summary>Absent where no background is marked.</summary>
    public const string BackgroundGrey = "mlps.background_grey";

    /// <summary>Absent where no background is marked.</summary>
    public const string BackgroundRegion = "mlps.background_region";

    /// <summary>What convolutions compute in: <c>Full</c>, 32 bits, or <c>Int8</c>.</summary>
    public const string Precision = "mlps.precision";

    /// <summary>SHA-256 of the weights, see <see cref="WeightSum"/>.</summary>
    public const string WeightSum = "mlps.weights_sha256";

    /// <summary>The input.</summary>
    public const string Image = "image";

    /// <summary>The output [N, C, H, W].</summary>
    public const string PixelProbability = "pixel_probability";

    /// <summary>The value between the nodes that holds the segmenter's logits [N, C, H, W] before the gate.</summary>
    public const string Logits = "logits";

    /// <summary>The value between the nodes that holds the classifier's logits [N, C].</summary>
    public const string PresenceLogits = "presence_logits";
}
