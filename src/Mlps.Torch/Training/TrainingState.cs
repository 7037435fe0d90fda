using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>How far a run is, with all that it needs to go on.</summary>
internal sealed class TrainingState(nn.Module network, NetworkOptimizer optimizer, BestWeights best, EpochMeter meter, AveragedWeights? average = null)
{
    public nn.Module Network { get; } = network;

    public NetworkOptimizer Optimizer { get; } = optimizer;

    public BestWeights Best { get; } = best;

    public EpochMeter Meter { get; } = meter;

    /// <summary>The average of the weights, which is validated and kept; null where there is none.</summary>
    public AveragedWeights? Average { get; } = average;

    /// <summary>The epoch under way, from 0; the number of epochs after the last one.</summary>
    public int Epoch { get; set; }

    /// <summary>Steps done in it.</summary>
    public int StepInEpoch { get; set; }

    /// <summary>Steps done over all epochs; those that <see cref="Meter"/> has not counted are still to be read.</summary>
    public long Step => ((long)Epoch * StepsPerEpoch) + StepInEpoch;

    /// <summary>What the last steps gave.</summary>
    public required StepReadings Readings { get; init; }

    /// <summary>Epochs that ended since the best one.</summary>
    public int EpochsSinceBest { get; set; }

    /// <summary>Whether there is nothing left to train.</summary>
    public bool Finished { get; set; }

    /// <summary>Whether the ranks have agreed to stop.</summary>
    public bool StopAgreed { get; set; }

    /// <summary>Epochs of the whole run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps of each.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Epochs without a better score after which the run ends; null for none.</summary>
    public int? Patience { get; init; }
}
