using Mlps.Torch.Attention;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Stage 1: trains the patch classifier on patch labels, with progressive dropout attention.</summary>
/// <remarks>Multi-label soft-margin loss, SGD, polynomial decay (Han et al. 2022, section 4.2).</remarks>
internal sealed class PatchClassifierTrainer
{
    private readonly ResNet38 _network;
    private readonly PatchStore _patches;
    private readonly PatchClassifierTrainingOptions _options;
    private readonly Normalization _normalization;
    private readonly Device _device;

    public PatchClassifierTrainer(ResNet38 network, PatchStore patches, PatchClassifierTrainingOptions options, Normalization normalization, Device device)
    {
        options.Check();
        Guard.AtLeast(patches.Count, 1);
        (_network, _patches, _options, _normalization, _device) = (network, patches, options, normalization, device);
    }

    /// <summary>Scores of the network as it is, from 0 to 1 by name, the first one deciding which epoch is kept; called after each epoch.</summary>
    public Func<ResNet38, IReadOnlyList<KeyValuePair<string, double>>>? Validate { get; init; }

    /// <summary>Trains the network in place.</summary>
    /// <exception cref="TrainingException">The loss is not a number.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Train(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        // Dropout draws from the process's generator.
        using var generator = random.manual_seed(_options.Seed ?? 0);
        var plan = new EpochPlan(_patches.Count, _options.BatchSize, KeepShortBatch: false, _options.Seed ?? 0);
        var steps = (long)_options.Epochs * plan.StepsPerEpoch;
        var meter = new EpochMeter(TrainingStage.PatchClassifier, _options.Epochs, steps, progress);
        var reader = new BatchReader(_patches, _options.Augmentation, _options.Seed ?? 0, _device);
        using var best = new BestWeights();
        using var optimizer = PrepareOptimizer(plan.StepsPerEpoch);

        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            SetTrainingMode();
            meter.StartEpoch(epoch);
            var attention = AttentionAt(epoch);
            foreach (var indices in plan.Batches(epoch))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                using var batch = reader.Read(indices, epoch);
                Step(batch, attention, optimizer, meter);
            }

            EndEpoch(meter, best);
        }

        best.Restore(_network);
        _network.eval();
    }

    /// <summary>Freezes what the options say and groups the rest.</summary>
    internal NetworkOptimizer PrepareOptimizer(int stepsPerEpoch)
    {
        if (_options.FreezeFront)
        {
            FrozenLayers.Freeze(_network.FrozenFront);
        }

        if (_options.FreezeBatchNorm)
        {
            FrozenLayers.Freeze(FrozenLayers.BatchNormsOf(_network));
        }

        var head = _network.Head.weight;
        var body = _network.parameters().Where(parameter => parameter.Handle != head.Handle).ToLookup(parameter => parameter.dim() > 1);
        return new NetworkOptimizer(
            _options.Optimizer,
            _options.Epochs,
            stepsPerEpoch,
            (body[true], 1, Decay: true),
            (body[false], 1, Decay: false),
            ([head], _options.Optimizer.HeadFactor, Decay: true));
    }

    private void SetTrainingMode()
    {
        _network.train();
        var frozen = _options.FreezeBatchNorm ? FrozenLayers.BatchNormsOf(_network) : _options.FreezeFront ? _network.FrozenFront : [];
        foreach (var module in frozen)
        {
            module.eval();
        }
    }

    private ProgressiveDropoutAttention? AttentionAt(int epoch) =>
        epoch < _options.Attention.FirstEpoch
            ? null
            : new ProgressiveDropoutAttention(_options.Attention.ThresholdAt(epoch), _options.AttentionDivisor ?? _network.ClassCount);

    private void Step(PatchBatch batch, ProgressiveDropoutAttention? attention, NetworkOptimizer optimizer, EpochMeter meter)
    {
        var rate = optimizer.RateAt(meter.Step);
        var logits = _network.forward(_normalization.Apply(batch.Images), attention);
        var loss = nn.functional.multilabel_soft_margin_loss(logits, batch.Labels);
        var value = loss.detach().ToDouble();
        TrainingException.ThrowIfNotFinite(value, meter.Step, rate);
        optimizer.Step(loss, meter.Step);
        var (exactMatch, labelIoU) = LabelScores.Of(logits.detach(), batch.Labels);
        meter.Add((int)batch.Images.shape[0], value, rate, ("exactMatch", exactMatch), ("labelIoU", labelIoU));
    }

    private void EndEpoch(EpochMeter meter, BestWeights best)
    {
        _network.eval();
        var scores = Validate?.Invoke(_network) ?? [];
        meter.EndEpoch(scores.ToDictionary());
        if (_options.KeepBest && scores.Count > 0)
        {
            best.Offer(_network, scores[0].Value);
        }
    }
}
