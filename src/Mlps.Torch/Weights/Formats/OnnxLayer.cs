namespace Mlps.Torch.Weights.Formats;

/// <summary>A node of an ONNX graph that has weights: a convolution or a normalisation.</summary>
/// <param name="Operator">The operator, as ONNX names it.</param>
/// <param name="Inputs">Names of its inputs, in the operator's order: the values, then the weights.</param>
/// <param name="Output">Name of its first output.</param>
internal sealed record OnnxLayer(string Operator, IReadOnlyList<string> Inputs, string Output)
{
    public const string Convolution = "Conv";
    public const string Normalisation = "BatchNormalization";
}
