using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>The patches of a training, and those held out of it.</summary>
/// <param name="Training">Learnt from.</param>
/// <param name="HeldOut">Scored by; null where none were to be held out.</param>
/// <param name="HeldOutGates">The classifier's probabilities [C, h, w] of each held-out patch; empty where they were not requested.</param>
internal sealed record TrainingPatches(PatchStore Training, PatchStore? HeldOut, IReadOnlyList<float[]> HeldOutGates) : IDisposable
{
    public void Dispose()
    {
        Training.Dispose();
        HeldOut?.Dispose();
    }
}
