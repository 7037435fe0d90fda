using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>A part of the tensors of <see cref="FlatParameters"/>, the same part of each.</summary>
/// <param name="Weights">Values of parameters [n], a view.</param>
/// <param name="Gradients">Their gradients [n], a view.</param>
/// <param name="Momentum">Their momentum [n], a view; null without.</param>
internal sealed record FlatBlock(Tensor Weights, Tensor Gradients, Tensor? Momentum) : IDisposable
{
    public static FlatBlock Of(FlatParameters parameters, long start, long length)
    {
        return new(Part(parameters.Weights), Part(parameters.Gradients), parameters.Momentum is null ? null : Part(parameters.Momentum));

        Tensor Part(Tensor flat) => flat.narrow(0, start, length).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        Weights.Dispose();
        Gradients.Dispose();
        Momentum?.Dispose();
    }
}
