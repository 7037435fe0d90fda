using Mlps.ML.Interop;
using Mlps.Torch;

namespace Mlps.Onnx;

/// <summary>What a saved transformer is beside its ONNX file.</summary>
internal sealed record SavedOnnxSegmenter : ISavedOptions
{
    public required string ImageColumnName { get; init; }

    public required string PredictedMaskColumnName { get; init; }

    public int? Views { get; init; }

    public double? GateThreshold { get; init; }

    public OnnxBlending? Blending { get; init; }

    public int Threads { get; init; }

    /// <summary>The options that were saved.</summary>
    public OnnxSegmenterOptions ToOptions() => new() { Views = Views, GateThreshold = GateThreshold, Blending = Blending, Threads = Threads };

    public static SavedOnnxSegmenter From(string imageColumnName, string predictedMaskColumnName, OnnxSegmenterOptions options) => new()
    {
        ImageColumnName = imageColumnName,
        PredictedMaskColumnName = predictedMaskColumnName,
        Views = options.Views,
        GateThreshold = options.GateThreshold,
        Blending = options.Blending,
        Threads = options.Threads,
    };

    /// <inheritdoc/>
    public void Check()
    {
        ToOptions().Check();
        ArgumentException.ThrowIfNullOrEmpty(ImageColumnName);
        ArgumentException.ThrowIfNullOrEmpty(PredictedMaskColumnName);
        if (OnnxSegmenterTransformer.OtherColumns.Contains(PredictedMaskColumnName, StringComparer.Ordinal))
        {
            throw new ArgumentException($"{ShortText.Of(PredictedMaskColumnName)} is the name of another output; give the mask another one.", nameof(PredictedMaskColumnName));
        }
    }
}
