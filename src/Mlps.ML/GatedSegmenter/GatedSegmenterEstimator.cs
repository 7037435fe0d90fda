using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;

namespace Mlps.ML;

/// <summary>The method's second stage: learns to colour every pixel from the pseudo masks of several layers.</summary>
/// <remarks>
/// Its transformer predicts masks, with classes that the patch classifier does not see gated out. DeepLab v3+; Han et al., Medical Image Analysis 80 (2022) 102487, sections 3.2
/// and 3.3.
/// </remarks>
public sealed class GatedSegmenterEstimator : IEstimator<GatedSegmenterTransformer>
{
    /// <summary>Keeps the network's first weights apart from the classifier's, which are drawn from the same seed.</summary>
    private const int SeedOffset = 1;

    private readonly IHostEnvironment _environment;
    private readonly TissueClasses _classes;
    private readonly GatedSegmenterOptions _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="environment">The <see cref="MLContext"/>: its seed, its device, its log.</param>
    /// <param name="classes">The tissues.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatedSegmenterEstimator(IHostEnvironment environment, TissueClasses classes, GatedSegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(classes);
        (_environment, _classes, _options) = (environment, classes, options ?? new GatedSegmenterOptions());
        _options.Check();
    }

    /// <summary>Trains the segmenter on the table's images and pseudo masks, which are read once.</summary>
    /// <param name="input">A table with the image and pseudo mask columns; images of one size.</param>
    /// <returns>The trained transformer, which owns its network: dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="TissueDataException">The table has no rows, images of different sizes, or a validation set that does not fit.</exception>
    /// <exception cref="TrainingException">The training cannot go on.</exception>
    public GatedSegmenterTransformer Fit(IDataView input)
    {
        StageTraining.Check(_environment, input, Inputs());
        var stage = new StageTraining(_environment, _classes, TrainingStage.Segmenter, _options.Run);
        var training = _options.EffectiveTraining;
        PrecisionCheck.Report(_environment, stage.Device, training.Precision, _options.EffectiveSegmentation.Precision);
        training = training with { Seed = training.Seed ?? ComputeDevice.ReadSeed(_environment) };
        using var given = SegmenterValidationSet.Read(_environment, input, _options, _classes.Count);

        stage.RequireAgreement(nameof(GatedSegmenterOptions.CalibrateGate), _options.CalibrateGate);

        // Activation maps and pseudo masks are dear: with ranks, each makes its part of them.
        var rows = stage.OwnRows(input, [.. Inputs().Select(column => column.Name), TissueColumns.Name, TissueColumns.Source]);
        var reader = new PatchStoreReader(rows, _options.ImageColumnName, labelColumn: null, _options.PseudoMaskColumnNames, _classes.Count);
        using var read = stage.Read(input, reader, training.BatchSize, training.Epochs, _options.GateColumn?.Name, ofOwnRows: true);
        using var heldOut = SegmenterValidationSet.FromHeldOut(read, _options, _classes.Count);
        var (patches, validation) = (read.Training, given ?? heldOut);

        var network = CreateNetwork(training.Seed ?? 0);
        return stage.Train(network, patches, training.Seed ?? 0, data => Fingerprint(training, network, data, validation), (run, record) =>
        {
            var segmenter = new Segmenter(network, _options.Normalization, (patches.Layout.Height, patches.Layout.Width), stage.Device);
            var sketches = new PredictionSketches(run.Board, validation?.Images ?? patches, _classes);
            var trainer = new SegmenterTrainer(network, patches, training, _options.Normalization, stage.Device)
            {
                Validate = _ =>
                {
                    sketches.Draw(segmenter, run.Epochs.Count + 1);
                    return validation?.Score(segmenter) ?? [];
                },
                Checkpoint = run.Checkpoint,
                Ranks = _options.Run.Ranks,
            };
            trainer.Train(run, _options.Run.CancellationToken);
            segmenter.Fold();
            var segmentation = validation?.Choose(_environment, segmenter) ?? _options.EffectiveSegmentation;
            return new GatedSegmenterTransformer(_environment, segmenter, GatedSegmenterModel.From(_options, segmenter, segmentation, _classes, record()));
        });
    }

    /// <summary>The columns that the transformer adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShapes.Extend(
        _environment,
        inputSchema,
        Inputs(),
        ClassColumns.Shape(_options.PredictedMaskColumnName, new VectorDataViewType(NumberDataViewType.Byte), _classes.Count),
        ClassColumns.Shape(_options.PixelProbabilityColumnName, new VectorDataViewType(NumberDataViewType.Single), _classes.Count),
        ClassColumns.Shape(_options.PixelUncertaintyColumnName, new VectorDataViewType(NumberDataViewType.Single), _classes.Count));

    private IEnumerable<InputColumn> Inputs() =>
    [
        InputColumn.Image(_options.ImageColumnName),
        .. _options.PseudoMaskColumnNames.Select(name => InputColumn.Vector<byte>(name)),
        .. _options.GateColumn is { } gate ? [gate] : Array.Empty<InputColumn>(),
    ];

    /// <summary>What the run is made of.</summary>
    private CheckpointFingerprint Fingerprint(SegmenterTrainingOptions training, DeepLabV3Plus network, string data, SegmenterValidationSet? validation)
    {
        var fingerprint = new CheckpointFingerprint()
            .Add("Stage", nameof(TrainingStage.Segmenter))
            .Add("Classes", _classes.Names)
            .Add("Recipe", _options.Recipe)
            .Add("Architecture", _options.Architecture)
            .Add("Normalization", _options.Normalization)
            .Add("Training", training)
            .Add("Prediction", _options.ChoosePrediction ? null : _options.Segmentation.Prediction)
            .Add("Gate", _options.Segmentation.Gate)
            .Add("GateThreshold", _options.Segmentation.GateThreshold)
            .Add("StartingWeights", WeightDigest.Compute(network))
            .Add("Data", data)
            .Add("ValidationData", validation?.Images.Digest());

        // These decide which epoch is best. Checkpoints of before they did have no such values.
        if (_options.CalibrateGate && _options.GateColumn is not null)
        {
            fingerprint.Add("CalibrateGate", true);
        }

        return _options.Segmentation.Blending is BlendingKind.Uniform ? fingerprint : fingerprint.Add("Blending", _options.Segmentation.Blending);
    }

    private DeepLabV3Plus CreateNetwork(int seed)
    {
        var network = new DeepLabV3Plus(_classes.Count, _options.Architecture, seed + SeedOffset);
        if (_options.InitialWeights is { } path)
        {
            StartingWeights.OfSegmenter(_environment, network, path, _options.InitialHead, _options.Normalization);
        }

        return network;
    }
}
