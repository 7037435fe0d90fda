using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>libtorch's own step of SGD: weight decay, momentum and change in one pass over memory.</summary>
/// <remarks>The operator behind <c>torch.optim.SGD(fused=True)</c>. TorchSharp does not bind it, but compiles TorchScript, which can call it. CPUs and GPUs have it. On x64 CPUs under Linux it rounds as the separate operations do.</remarks>
internal static class FusedSgd
{
    private const string Plain = "plain";
    private const string Nesterov = "nesterov";
    private const string Script =
        $"""
        def {Plain}(weights: List[Tensor], gradients: List[Tensor], momentum: List[Tensor], decay: float, factor: float, rate: float):
            torch._fused_sgd_(weights, gradients, momentum, weight_decay=decay, momentum=factor, lr=rate, dampening=0.0, nesterov=False, maximize=False, is_first_step=False)

        def {Nesterov}(weights: List[Tensor], gradients: List[Tensor], momentum: List[Tensor], decay: float, factor: float, rate: float):
            torch._fused_sgd_(weights, gradients, momentum, weight_decay=decay, momentum=factor, lr=rate, dampening=0.0, nesterov=True, maximize=False, is_first_step=False)

        """;

    private static readonly Lazy<jit.CompilationUnit> _compiled = new(() =>
    {
        LibTorch.EnsureLoaded();
        return jit.compile(Script);
    });

    /// <summary>Changes weights and momentum in place; gradients are used up.</summary>
    /// <param name="weights">Tensors of one element type, 32 or 64 bits, on one device.</param>
    /// <param name="gradients">Of the same shapes.</param>
    /// <param name="momentum">Of the same shapes, zero before the first step; empty where the factor is 0.</param>
    /// <param name="decay">Weight decay.</param>
    /// <param name="factor">What is kept of the momentum.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="nesterov">Whether weights change by the momentum as it will be.</param>
    public static void Step(Tensor[] weights, Tensor[] gradients, Tensor[] momentum, double decay, double factor, double rate, bool nesterov)
    {
        // Given a number, TorchSharp makes a native one of it that the collector may free before the call has read it.
        using Scalar decayed = decay.ToScalar(), kept = factor.ToScalar(), changed = rate.ToScalar();
        _compiled.Value.invoke(nesterov ? Nesterov : Plain, weights, gradients, momentum, decayed, kept, changed);
    }
}
