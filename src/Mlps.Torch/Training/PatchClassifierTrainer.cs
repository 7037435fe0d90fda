using Mlps.Torch.Convolutions;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training.Checkpoints;
using Mlps.Torch.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Stage 1: trains the patch classifier on patch labels, with progressive dropout attention.</summary>
/// <remarks>Multi-label soft-margin loss, SGD, polynomial decay (Han et al. 2022, section 4.2).</remarks>
internal sealed class PatchClassifierTrainer : ITrainedStage
{
    private readonly ClassifierNetwork _network;
    private readonly PatchStore _patches;
    private readonly PatchClassifierTrainingOptions _options;
    private readonly Normalization _normalization;
    private readonly Device _device;
    private ProgressiveDropoutAttention? _attention;
    private Func<Precision, MixedPrecision> _usePrecision = precision => MixedPrecision.To(precision);

    public PatchClassifierTrainer(ClassifierNetwork network, PatchStore patches, PatchClassifierTrainingOptions options, Normalization normalization, Device device)
    {
        options.Check();
        Guard.AtLeast(patches.Count, 1);
        network.Place(options.OutputStride);
        (_network, _patches, _options, _normalization, _device) = (network, patches, options, normalization, device);
    }

    /// <summary>Scores of the network as it is, from 0 to 1 by name, the first one deciding which epoch is kept; called after each epoch.</summary>
    public Func<ClassifierNetwork, IReadOnlyList<KeyValuePair<string, double>>>? Validate { get; init; }

    /// <summary>Where the run is kept while it goes on; null to keep nothing.</summary>
    public TrainingCheckpoint? Checkpoint { get; init; }

    /// <summary>Those with whom every batch is shared; null to train alone.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>As <see cref="TrainingLoop.StepsPerReading"/>.</summary>
    public int? StepsPerReading { get; init; }

    TrainingStage ITrainedStage.Stage => TrainingStage.PatchClassifier;

    nn.Module ITrainedStage.Network => _network;

    Precision ITrainedStage.Precision => _options.Precision;

    /// <summary>Trains the network in place.</summary>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var options = new TrainingLoopOptions
        {
            Epochs = _options.Epochs,
            BatchSize = _options.BatchSize,
            KeepShortBatch = false,
            KeepBest = _options.KeepBest,
            Patience = _options.Patience,
            EpochsPerValidation = _options.EpochsPerValidation,
            WeightAveraging = _options.WeightAveraging,
            Augmentation = _options.Augmentation,
            Seed = _options.Seed ?? 0,
        };
        try
        {
            new TrainingLoop(this, _patches, options, _device) { Checkpoint = Checkpoint, Ranks = Ranks, StepsPerReading = StepsPerReading }.Run(progress, cancellation);
        }
        finally
        {
            _network.Place(ClassifierNetwork.OutputStride);
            _network.Unfold();
        }
    }

    /// <summary>Freezes what the options say and groups the rest.</summary>
    public NetworkOptimizer PrepareOptimizer(int stepsPerEpoch)
    {
        if (_options.FreezeFront)
        {
            FrozenLayers.Freeze(_network.FrozenFront);
        }

        if (_options.FreezeBatchNorm)
        {
            FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(_network));
        }

        if (_device.type is DeviceType.CUDA && _options.Precision is not Precision.Full)
        {
            ChannelsLast.LayWeights(_network);
        }

        var head = _network.Head.weight;
        var body = _network.parameters().Where(parameter => parameter.Handle != head.Handle).ToLookup(parameter => parameter.dim() > 1);
        var optimizer = new NetworkOptimizer(
            _options.Optimizer,
            _options.Epochs,
            stepsPerEpoch,
            (body[true], 1, Decay: true),
            (body[false], 1, Decay: false),
            ([head], _options.Optimizer.HeadFactor, Decay: true));
        _usePrecision = optimizer.Use;
        return optimizer;
    }

    void ITrainedStage.StartEpoch(int epoch)
    {
        _network.train();
        _network.Place(_options.OutputStride);
        var frozen = _options.FreezeBatchNorm ? FrozenLayers.BatchNormsOf(_network) : _options.FreezeFront ? _network.FrozenFront : [];
        foreach (var module in frozen)
        {
            module.eval();
        }

        // Neither weights nor statistics of a frozen front change any more.
        if (_options.FreezeFront)
        {
            foreach (var block in _network.FrozenFront)
            {
                block.Fold();
            }
        }

        _attention = epoch < _options.Attention.FirstEpoch
            ? null
            : new ProgressiveDropoutAttention(_options.Attention.ThresholdAt(epoch), _options.Quirks.AttentionDivisor ?? _network.ClassCount);
    }

    (Tensor Loss, (string Name, Tensor Value)[] Scores) ITrainedStage.Loss(PatchBatch batch, BatchShare share)
    {
        using var precision = _usePrecision(_options.Precision);
        var logits = _network.forward(_normalization.Apply(batch.Images), _attention);
        var (exactMatch, labelIoU) = LabelScores.OnDevice(logits.detach(), batch.Labels);
        var loss = nn.functional.multilabel_soft_margin_loss(logits, batch.Labels);
        return (share.Ranks is null ? loss : share.Sum(loss.mul(share.Count)).div(share.Whole), [("exactMatch", exactMatch), ("labelIoU", labelIoU)]);
    }

    IReadOnlyList<KeyValuePair<string, double>> ITrainedStage.Validate()
    {
        _network.Place(ClassifierNetwork.OutputStride);
        return Validate?.Invoke(_network) ?? [];
    }
}
