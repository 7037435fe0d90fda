using Mlps.Torch.Convolutions;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training.Checkpoints;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Stage 2: trains the segmenter on the pseudo masks of several layers.</summary>
internal sealed class SegmenterTrainer : ITrainedStage
{
    private readonly DeepLabV3Plus _network;
    private readonly PatchStore _patches;
    private readonly SegmenterTrainingOptions _options;
    private readonly Normalization _normalization;
    private readonly Device _device;
    private readonly int _stride;
    private float[]? _classWeights;
    private Func<Precision, MixedPrecision> _usePrecision = precision => MixedPrecision.To(precision);

    public SegmenterTrainer(DeepLabV3Plus network, PatchStore patches, SegmenterTrainingOptions options, Normalization normalization, Device device)
    {
        options.Check();
        Guard.AtLeast(patches.Count, 1);
        if (options.MaskWeights.Count != patches.Layout.MaskCount)
        {
            throw new ArgumentException($"MaskWeights has {options.MaskWeights.Count} values for {patches.Layout.MaskCount} masks a patch; there must be one for each.", nameof(options));
        }

        _stride = options.OutputStride ?? network.Architecture.EffectiveOutputStride;
        network.Place(_stride);
        (_network, _patches, _options, _normalization, _device) = (network, patches, options, normalization, device);
    }

    /// <summary>Scores of the network as it is, from 0 to 1 by name, the first one deciding which epoch is kept; called after each epoch.</summary>
    public Func<DeepLabV3Plus, IReadOnlyList<KeyValuePair<string, double>>>? Validate { get; init; }

    /// <summary>Where the run is kept while it goes on; null to keep nothing.</summary>
    public TrainingCheckpoint? Checkpoint { get; init; }

    /// <summary>Those with whom every batch is shared; null to train alone.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>As <see cref="TrainingLoop.StepsPerReading"/>.</summary>
    public int? StepsPerReading { get; init; }

    TrainingStage ITrainedStage.Stage => TrainingStage.Segmenter;

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
            KeepShortBatch = _options.Quirks.KeepShortBatch,
            Together = _options.MosaicSide * _options.MosaicSide,
            KeepBest = true,
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
            _network.Place(_network.Architecture.EffectiveOutputStride);
        }
    }

    /// <summary>The backbone at the base rate, pyramid and decoder at the head's; counts the classes where the loss weighs them.</summary>
    public NetworkOptimizer PrepareOptimizer(int stepsPerEpoch)
    {
        _classWeights = ClassWeights();
        var optimizer = new NetworkOptimizer(
            _options.Optimizer,
            _options.Epochs,
            stepsPerEpoch,
            (_network.BackboneParameters, 1, Decay: true),
            (_network.HeadParameters, _options.Optimizer.HeadFactor, Decay: true));
        _usePrecision = optimizer.Use;
        return optimizer;
    }

    void ITrainedStage.StartEpoch(int epoch)
    {
        _network.train();
        _network.Place(_stride);
        if (_options.FreezeBatchNorm)
        {
            foreach (var batchNorm in FrozenLayers.BatchNormsOf(_network))
            {
                batchNorm.eval();
            }
        }
    }

    (Tensor Loss, (string Name, Tensor Value)[] Scores) ITrainedStage.Loss(PatchBatch batch, BatchShare share)
    {
        using var scope = NewDisposeScope();
        using var precision = _usePrecision(_options.Precision);
        var loss = new MultiLayerLoss(_options, _network.ClassCount, _classWeights is null ? null : Upload.Of(_classWeights, [_classWeights.Length], _device), share);
        var side = share.Whole % (_options.MosaicSide * _options.MosaicSide) == 0 ? _options.MosaicSide : 1;
        var (images, masks) = (Mosaic.Lay(batch.Images, side), Mosaic.Lay(batch.Masks, side));
        return (loss.Compute(_network.forward(_normalization.Apply(images)), masks).MoveToOuterDisposeScope(), []);
    }

    IReadOnlyList<KeyValuePair<string, double>> ITrainedStage.Validate()
    {
        _network.Place(_network.Architecture.EffectiveOutputStride);
        return Validate?.Invoke(_network) ?? [];
    }

    /// <summary>Weights of the classes by how common they are in the deepest pseudo masks, or null.</summary>
    private float[]? ClassWeights() => _options.ClassWeighting is ClassWeighting.None
        ? null
        : ClassFrequencies.Weights(ClassFrequencies.Compute(_patches, _patches.Layout.MaskCount - 1, _network.ClassCount));
}
