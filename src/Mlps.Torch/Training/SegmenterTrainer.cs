using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Stage 2: trains the segmenter on the pseudo masks of several layers.</summary>
internal sealed class SegmenterTrainer
{
    private readonly DeepLabV3Plus _network;
    private readonly PatchStore _patches;
    private readonly SegmenterTrainingOptions _options;
    private readonly Normalization _normalization;
    private readonly Device _device;

    public SegmenterTrainer(DeepLabV3Plus network, PatchStore patches, SegmenterTrainingOptions options, Normalization normalization, Device device)
    {
        options.Check();
        Guard.AtLeast(patches.Count, 1);
        if (options.MaskWeights.Count != patches.Layout.MaskCount)
        {
            throw new ArgumentException($"MaskWeights has {options.MaskWeights.Count} values for {patches.Layout.MaskCount} masks a patch; there must be one for each.", nameof(options));
        }

        (_network, _patches, _options, _normalization, _device) = (network, patches, options, normalization, device);
    }

    /// <summary>Scores of the network as it is, from 0 to 1 by name, the first one deciding which epoch is kept; called after each epoch.</summary>
    public Func<DeepLabV3Plus, IReadOnlyList<KeyValuePair<string, double>>>? Validate { get; init; }

    /// <summary>Trains the network in place.</summary>
    /// <exception cref="TrainingException">The loss is not a number.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        // Dropout draws from the process's generator.
        using var generator = random.manual_seed(_options.Seed ?? 0);
        var plan = new EpochPlan(_patches.Count, _options.BatchSize, _options.KeepShortBatch, _options.Seed ?? 0);
        var steps = (long)_options.Epochs * plan.StepsPerEpoch;
        var meter = new EpochMeter(TrainingStage.Segmenter, _options.Epochs, steps, progress);
        var reader = new BatchReader(_patches, _options.Augmentation, _options.Seed ?? 0, _device);
        using var classWeights = ClassWeights();
        var lossFunction = new MultiLayerLoss(_options, _network.ClassCount, classWeights);
        using var best = new BestWeights();
        using var optimizer = PrepareOptimizer(plan.StepsPerEpoch);

        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            SetTrainingMode();
            meter.StartEpoch(epoch);
            foreach (var indices in plan.Batches(epoch))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                using var batch = reader.Read(indices, epoch);
                Step(batch, lossFunction, optimizer, meter);
            }

            EndEpoch(meter, best);
        }

        best.Restore(_network);
        _network.eval();
    }

    /// <summary>The backbone at the base rate, pyramid and decoder at the head's.</summary>
    internal NetworkOptimizer PrepareOptimizer(int stepsPerEpoch) => new(
        _options.Optimizer,
        _options.Epochs,
        stepsPerEpoch,
        (_network.BackboneParameters, 1, Decay: true),
        (_network.HeadParameters, _options.Optimizer.HeadFactor, Decay: true));

    private void SetTrainingMode()
    {
        _network.train();
        if (_options.FreezeBatchNorm)
        {
            foreach (var batchNorm in FrozenLayers.BatchNormsOf(_network))
            {
                batchNorm.eval();
            }
        }
    }

    /// <summary>Weights of the classes by how common they are in the deepest pseudo masks, or null.</summary>
    private Tensor? ClassWeights() => _options.ClassWeighting is ClassWeighting.None
        ? null
        : tensor(ClassFrequencies.Weights(ClassFrequencies.Of(_patches, _patches.Layout.MaskCount - 1, _network.ClassCount)), device: _device);

    private void Step(PatchBatch batch, MultiLayerLoss lossFunction, NetworkOptimizer optimizer, EpochMeter meter)
    {
        var rate = optimizer.RateAt(meter.Step);
        var logits = _network.forward(_normalization.Apply(batch.Images));
        var loss = lossFunction.Of(logits, batch.Masks);
        var value = loss.detach().ToDouble();
        TrainingException.ThrowIfNotFinite(value, meter.Step, rate);
        optimizer.Step(loss, meter.Step);
        meter.Add((int)batch.Images.shape[0], value, rate);
    }

    private void EndEpoch(EpochMeter meter, BestWeights best)
    {
        _network.eval();
        var scores = Validate?.Invoke(_network) ?? [];
        meter.EndEpoch(scores.ToDictionary());
        if (scores.Count > 0)
        {
            best.Offer(_network, scores[0].Value);
        }
    }
}
