using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using Mlps.Torch.Validation;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>The method's first stage: learns which tissues occur in a patch, and where it looks for them.</summary>
/// <remarks>
/// Its transformer gives probabilities for the gate and activation maps for pseudo masks. ResNet-38 with progressive dropout attention; Han et al., Medical Image Analysis 80
/// (2022) 102487, section 3.1.
/// </remarks>
public sealed class PatchClassifierEstimator : IEstimator<PatchClassifierTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly TissueClasses _classes;
    private readonly PatchClassifierOptions _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="environment">The <see cref="MLContext"/>: its seed, its device, its log.</param>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public PatchClassifierEstimator(IHostEnvironment environment, TissueClasses classes, PatchClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(classes);
        (_environment, _classes, _options) = (environment, classes, options ?? new PatchClassifierOptions());
        _options.Check();
    }

    /// <summary>Trains the classifier on the table's images and labels, which are read once.</summary>
    /// <param name="input">A table with the image and label columns; images of one size.</param>
    /// <returns>The trained transformer, which owns its network: dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="TissueDataException">The table has no rows, images of different sizes, or a validation set in which no tissue occurs.</exception>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    public PatchClassifierTransformer Fit(IDataView input)
    {
        StageTraining.Check(_environment, input, Inputs());
        var stage = new StageTraining(_environment, _classes, TrainingStage.PatchClassifier, _options.Run);
        stage.RequireAgreement(nameof(PatchClassifierOptions.PresenceThresholds), _options.PresenceThresholds);
        var training = Training();
        PrecisionCheck.Report(_environment, stage.Device, training.Precision, _options.Precision);
        var reader = new PatchStoreReader(input, _options.ImageColumnName, _options.LabelColumnName, [], _classes.Count);
        using var read = stage.Read(input, reader, training.BatchSize, training.Epochs);
        var patches = read.Training;
        var patchSize = (patches.Layout.Height, patches.Layout.Width);
        using var tiles = read.HeldOut ?? ReadValidation(input, patchSize);
        RequireTissue(tiles, read.HeldOut is null ? "the validation set" : "the patches that are held out");
        LabelBalance.Report(_environment, patches, _classes);

        var network = CreateNetwork(training.Seed ?? 0);
        return stage.Train(network, patches, training.Seed ?? 0, data => Fingerprint(training, network, data, tiles), (run, record) =>
        {
            var trainer = new PatchClassifierTrainer(network, patches, training, _options.Normalization, stage.Device)
            {
                Validate = tiles is null ? null : Validation(tiles, stage.Device).Score,
                Checkpoint = run.Checkpoint,
                Ranks = _options.Run.Ranks,
            };
            trainer.Train(run, _options.Run.CancellationToken);
            LossCheck.Report(_environment, run.Epochs, training.Optimizer.LearningRate);
            var classifier = new PatchClassifier(network, _options.Normalization, patchSize, stage.Device);
            classifier.Fold();
            return new PatchClassifierTransformer(_environment, classifier, PatchClassifierModel.From(_options, classifier, _classes, record(), PresenceReport.Choose(_environment, _options, _classes, classifier, tiles)));
        });
    }

    /// <summary>The columns that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShapes.Extend(
        _environment,
        inputSchema,
        Inputs(),
        ClassColumns.Shape(_options.ProbabilityColumnName, new VectorDataViewType(NumberDataViewType.Single, _classes.Count), _classes.Count, perSlot: true),
        ClassColumns.Shape(_options.GateProbabilityColumnName, new VectorDataViewType(NumberDataViewType.Single), _classes.Count),
        ClassColumns.Shape(_options.ActivationMapsColumnName, new VectorDataViewType(NumberDataViewType.Single), _classes.Count));

    private InputColumn[] Inputs() =>
        [InputColumn.Image(_options.ImageColumnName), InputColumn.Vector<bool>(_options.LabelColumnName, _classes.Count)];

    private PatchClassifierTrainingOptions Training()
    {
        var training = _options.EffectiveTraining;
        return training with
        {
            Seed = training.Seed ?? ComputeDevice.ReadSeed(_environment),
            FreezeFront = training.FreezeFront || _options.KeepsLoadedFront,
            FreezeBatchNorm = training.FreezeBatchNorm || _options.KeepsLoadedFront,
        };
    }

    /// <summary>What the run is made of.</summary>
    private CheckpointFingerprint Fingerprint(PatchClassifierTrainingOptions training, ClassifierNetwork network, string data, PatchStore? validation) => new CheckpointFingerprint()
        .Add("Stage", nameof(TrainingStage.PatchClassifier))
        .Add("Classes", _classes.Names)
        .Add("Recipe", _options.Recipe)
        .Add("Encoder", _options.Encoder)
        .Add("Width", _options.Width)
        .Add("Layers", _options.EffectiveLayers)
        .Add("Normalization", _options.Normalization)
        .Add("ValidationMapScaling", _options.Recipe.EffectiveScaling(_options.ValidationMapScaling))
        .Add("Training", training)
        .Add("StartingWeights", WeightDigest.Compute(network))
        .Add("Data", data)
        .Add("ValidationData", validation?.Digest());

    private ClassifierNetwork CreateNetwork(int seed)
    {
        var network = ClassifierNetwork.Create(_options.Encoder, _classes.Count, _options.Width, seed);
        if (_options.InitialWeights is { } path)
        {
            StartingWeights.OfClassifier(_environment, network, path, _options.InitialHead, _options.Normalization);
        }

        return network;
    }

    private PatchStore? ReadValidation(IDataView training, (int Height, int Width) patchSize)
    {
        if (_options.Run.ValidationSet is not { } table)
        {
            return null;
        }

        var validation = new ValidationStore(_environment, training, _classes.Count, _options.Run.CancellationToken);
        if (table.Schema.GetColumnOrNull(_options.MaskColumnName) is null)
        {
            return validation.WithLabels(table, _options.ImageColumnName, _options.LabelColumnName, _options.MaskColumnName);
        }

        using var images = validation.WithMasks(table, _options.ImageColumnName, _options.MaskColumnName);
        var tiles = PatchTiles.Cut(images, patchSize, _classes.Count, _options.ValidationLabelShare);
        if (tiles.Count > 0)
        {
            return tiles;
        }

        var (height, width) = (tiles.Layout.Height, tiles.Layout.Width);
        tiles.Dispose();
        throw new TissueDataException(FormattableString.Invariant(
            $"Column '{_options.MaskColumnName}' of the validation set has no window of {width}x{height} pixels in which a tissue covers {_options.ValidationLabelShare:p0} or more, so no epoch can be scored. Give masks in which 0 to {_classes.Count - 1} stand for the tissues ({_classes.Count} is background), or lower ValidationLabelShare."));
    }

    /// <summary>Throws where no label names a tissue: the best epoch would be the one that predicts none.</summary>
    private void RequireTissue(PatchStore? tiles, string of)
    {
        if (tiles is not null && !Enumerable.Range(0, tiles.Count).Any(tile => tiles.Label(tile).ContainsAnyExcept((byte)0)))
        {
            throw new TissueDataException($"Column '{_options.LabelColumnName}' of {of} names no tissue in any row: the best epoch would be the one that predicts none. Give images in which tissues occur.");
        }
    }

    private PatchClassifierValidation Validation(PatchStore tiles, Device device)
    {
        var masks = new PseudoMaskRules { Background = _classes.Background is null ? null : new BackgroundOptions(), Recipe = _options.Recipe, Scaling = _options.ValidationMapScaling };
        return new PatchClassifierValidation(tiles, _options.EffectiveLayers, masks, _options.Normalization, device, _options.Run.Ranks);
    }
}
