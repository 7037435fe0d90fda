using Microsoft.ML.OnnxRuntime;
using Mlps.Torch;
using Mlps.Torch.Inference;

namespace Mlps.Onnx;

/// <summary>How an exported model predicts; what is null is as the file says.</summary>
public sealed record OnnxSegmenterOptions
{
    /// <summary>Flips and turns of an image that its prediction is averaged over: 1, 2, 4 or 8; null for the model's own.</summary>
    public int? Views { get; init; }

    /// <summary>A tissue passes the gate when the classifier's probability is strictly above this; in [0, 1]; null for the model's own.</summary>
    public double? GateThreshold { get; init; }

    /// <summary>How much each pixel of a window counts where windows overlap; null for the model's own.</summary>
    public OnnxBlending? Blending { get; init; }

    /// <summary>Threads that one prediction computes with; 0 for one on each core.</summary>
    public int Threads { get; init; }

    /// <summary>Changes the options of ONNX Runtime's sessions, for instance to add a GPU; null for none.</summary>
    /// <remarks>It is called for each of two sessions, and is not saved with a transformer.</remarks>
    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        ImageViews.Check(Views ?? 1, nameof(Views));
        Guard.InRange(GateThreshold ?? 0, 0, 1, name: nameof(GateThreshold));
        Guard.Defined(Blending ?? OnnxBlending.Uniform, nameof(Blending));
        Guard.AtLeast(Threads, 0);
    }
}
