using Mlps.Torch.Runtime;

namespace Mlps.Torch.Training;

/// <summary>Reports to a listener in the state of TorchSharp that the training was called in: listeners are the host's code.</summary>
internal sealed class OutsideProgress(ComputeScope state, IProgress<TrainingProgress> listener) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        using var outside = state.Outside();
        listener.Report(value);
    }
}
