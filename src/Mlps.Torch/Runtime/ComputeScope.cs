using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Runtime;

/// <summary>The state of TorchSharp that one piece of this library's work needs, whatever the caller's is; disposing gives the caller's back.</summary>
/// <remarks>
/// <para>
/// Gradient mode, inference mode and the innermost dispose scope belong to a thread: they are set here and restored. Work is done between making and disposing a scope, on one thread.
/// </para>
/// <para>
/// Default element type, default device and default random generator belong to the process, and other threads of the host use them at any time. So they are never set, nor relied on:
/// every tensor is made with its type and device, and whatever is random comes from generators of this library's own.
/// </para>
/// </remarks>
internal sealed class ComputeScope : IDisposable
{
    private readonly bool _callersInference = is_inference_mode_enabled();
    private readonly bool _callersGradients = is_grad_enabled();
    private readonly bool _inference;
    private readonly IDisposable _mode;
    private readonly IDisposable? _noGradients;
    private readonly DisposeScope _tensors;

    private ComputeScope(bool inference, bool gradients)
    {
        _inference = inference;

        // Leaving inference mode, or making sure that it is off, also switches gradients on, under the caller's no_grad too.
        _mode = inference_mode(inference);
        _noGradients = gradients || inference ? null : no_grad();
        _tensors = NewDisposeScope();
    }

    /// <summary>For predictions: inference mode.</summary>
    /// <remarks>Hand results out through <see cref="Return"/>.</remarks>
    public static ComputeScope ForPrediction() => new(inference: true, gradients: false);

    /// <summary>For training and activation maps: gradients are recorded.</summary>
    public static ComputeScope ForGradients() => new(inference: false, gradients: true);

    /// <summary>For weights and other tensors that are kept: ordinary tensors, which gradients can be computed through later.</summary>
    public static ComputeScope ForWeights() => new(inference: false, gradients: false);

    /// <summary>Returns a result as an ordinary tensor in the caller's dispose scope, never one of inference mode.</summary>
    public Tensor Return(Tensor result)
    {
        if (_inference)
        {
            using var ordinary = inference_mode(false);
            return result.clone().MoveToOuterDisposeScope();
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The caller's modes again, for a while, as the caller's own code expects them.</summary>
    /// <remarks>What it makes meanwhile belongs to no scope of this library.</remarks>
    public IDisposable Outside() => new Interruption(_callersInference, _callersGradients);

    public void Dispose()
    {
        _tensors.Dispose();
        _noGradients?.Dispose();
        _mode.Dispose();
    }

    private sealed class Interruption(bool inference, bool gradients) : IDisposable
    {
        private readonly IDisposable _mode = inference_mode(inference);
        private readonly IDisposable _gradients = set_grad_enabled(gradients);
        private readonly DisposeScope _tensors = NewDisposeScope();

        public void Dispose()
        {
            _tensors.Detach(_tensors.DisposablesView.ToArray());
            _tensors.Dispose();
            _gradients.Dispose();
            _mode.Dispose();
        }
    }
}
