using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>libtorch's own step of SGD: weight decay, momentum and change in one pass over memory.</summary>
/// <remarks>The operator behind <c>torch.optim.SGD(fused=True)</c>. TorchSharp does not bind it, but compiles TorchScript, which can call it. CPUs and GPUs have it; it rounds as the separate operations do.</remarks>
internal static class FusedSgd
{
    private const string Name = "step";
    private const string Script =
        $"""
        def {Name}(weights: List[Tensor], gradients: List[Tensor], momentum: List[Tensor], decay: float, factor: float, rate: float, nesterov: bool):
            torch._fused_sgd_(weights, gradients, momentum, weight_decay=decay, momentum=factor, lr=rate, dampening=0.0, nesterov=nesterov, maximize=False, is_first_step=False)

        """;

    private static readonly Lazy<jit.CompilationUnit> _compiled = new(() =>
    {
        LibTorch.EnsureLoaded();
        return jit.compile(Script);
    });

    /// <summary>Changes weights and momentum in place; gradients are used up.</summary>
    /// <param name="weights">Tensors of one element type on one device.</param>
    /// <param name="gradients">Of the same shapes.</param>
    /// <param name="momentum">Of the same shapes, zero before the first step; empty where the factor is 0.</param>
    /// <param name="decay">Weight decay.</param>
    /// <param name="factor">What is kept of the momentum.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="nesterov">Whether weights change by the momentum as it will be.</param>
    public static void Step(Tensor[] weights, Tensor[] gradients, Tensor[] momentum, double decay, double factor, double rate, bool nesterov) =>
        _compiled.Value.invoke(Name, weights, gradients, momentum, decay, factor, rate, nesterov);
}
