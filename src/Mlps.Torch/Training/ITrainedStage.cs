using Mlps.Torch.Data;
using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>What a stage brings to the training loop.</summary>
internal interface ITrainedStage
{
    TrainingStage Stage { get; }

    nn.Module Network { get; }

    /// <summary>What steps compute with.</summary>
    Precision Precision { get; }

    /// <summary>Freezes what is to be frozen and groups the rest.</summary>
    NetworkOptimizer PrepareOptimizer(int stepsPerEpoch);

    /// <summary>Puts the network into training mode for an epoch (from 0).</summary>
    void StartEpoch(int epoch);

    /// <summary>The loss of a batch, a scalar, and the mean scores of this process's part of it by name, scalars too; none is read from the device here.</summary>
    /// <remarks>The loss has the value of the whole batch's on all ranks; the gradients of all ranks add up to its own.</remarks>
    (Tensor Loss, (string Name, Tensor Value)[] Scores) Loss(PatchBatch batch, BatchShare share);

    /// <summary>Scores of the network, which is in evaluation mode, from 0 to 1 by name, the first one deciding which epoch is kept; none without a validation set.</summary>
    IReadOnlyList<KeyValuePair<string, double>> Validate();
}
