namespace Mlps.Onnx.Model;

/// <summary>Where a model's gate is computed.</summary>
internal enum GateKind
{
    /// <summary>No gate.</summary>
    None,

    /// <summary>One gate from the whole image.</summary>
    Whole,

    /// <summary>A gate for each place, from windows.</summary>
    Windows,
}
