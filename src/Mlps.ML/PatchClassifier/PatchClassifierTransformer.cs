using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

[assembly: LoadableClass(typeof(PatchClassifierTransformer), null, typeof(SignatureLoadModel), "Tissue patch classifier", PatchClassifierTransformer.LoaderSignature)]

namespace Mlps.ML;

/// <summary>A trained patch classifier: which tissues occur in an image, where in it, and what tells it so.</summary>
public sealed class PatchClassifierTransformer : TissueTransformer
{
    internal const string LoaderSignature = "TissuePatchClassifier";
    private const string ModelPart = "model.json";

    // Layout 1: model.json, weights.safetensors.
    // Layout 2: in model.json, ActivationMapViews and PresenceThresholds; 1 and null where they are missing.
    // Layout 3: in model.json, the precision Full means 32 bits on GPUs too.
    // Layout 4: in model.json, ScoringBatchSize may be null.
    private static readonly ModelFormat _format = new(Assembly.GetExecutingAssembly(), "MLPSCLSF", LoaderSignature, Version: 4, OldestReadable: 1);

    private readonly PatchClassifier _classifier;
    private readonly PatchClassifierModel _model;
    private readonly bool _ownsClassifier;

    internal PatchClassifierTransformer(IHostEnvironment environment, PatchClassifier classifier, PatchClassifierModel model, TissueTransformer? owner = null)
        : base(environment, owner)
    {
        (_classifier, _model, _ownsClassifier) = (classifier, model, owner is null);
        Classes = TissueClasses.FromJson(model.Classes);
    }

    /// <summary>How the classifier came about.</summary>
    public TrainingRecord Training => _model.Training;

    /// <summary>The tissues.</summary>
    public TissueClasses Classes { get; }

    /// <summary>The trained classifier, for work on tensors; it belongs to the transformer.</summary>
    public PatchClassifier Classifier => _classifier;

    /// <summary>What the classifier computes with.</summary>
    public Precision Precision => _model.Precision;

    /// <summary>The probability from which each tissue counts as occurring, in [0.1, 0.9]: 0.5, or as chosen on the validation set.</summary>
    /// <remarks>The probability columns are scaled so that 0.5 means it.</remarks>
    public IReadOnlyList<double> PresenceThresholds => _model.PresenceThresholds ?? [.. Classes.Names.Select(_ => PresenceScaling.Unscaled)];

    /// <summary>The same classifier in another precision.</summary>
    /// <remarks>It shares the network and is valid as long as this one.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public PatchClassifierTransformer With(Precision precision)
    {
        Guard.Defined(precision);
        if (precision != Precision)
        {
            PrecisionCheck.Report(Host, _classifier.Device, precision);
        }

        return new PatchClassifierTransformer(Host, _classifier, _model with { Precision = precision }, owner: this);
    }

    /// <summary>Whether the gate's windows overlap.</summary>
    internal bool OverlapsGateWindows => _model.OverlapGateWindows;

    internal override IReadOnlyList<InputColumn> Inputs => _model.MapLabelColumnName is { } label
        ? [InputColumn.Image(_model.ImageColumnName), InputColumn.Vector<bool>(label, Classes.Count, optional: true)]
        : [InputColumn.Image(_model.ImageColumnName)];

    internal override int BatchSize => BatchLimits.Rows(_classifier.Device, _model.ScoringBatchSize);

    internal override long BatchPixels => BatchLimits.Pixels(_classifier.Device);

    internal override bool ComputesAhead => _classifier.Device.type is not DeviceType.CPU;

    internal override ModelFormat Format => _format;

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema)
    {
        var (height, width) = ImageSize.Read(inputSchema[_model.ImageColumnName]);
        int rows = CellGrid.Count(height), columns = CellGrid.Count(width);
        var single = NumberDataViewType.Single;
        return
        [
            new(_model.ProbabilityColumnName, new VectorDataViewType(single, Classes.Count), ClassAnnotations.Create(Classes.Names, perSlot: true)),
            new(_model.GateProbabilityColumnName, new VectorDataViewType(single, Classes.Count, rows, columns), ClassAnnotations.Create(Classes.Names, perSlot: false)),
            new(_model.ActivationMapsColumnName, new VectorDataViewType(single, _model.Layers.Count, Classes.Count, rows, columns), ClassAnnotations.Create(Classes.Names, perSlot: false)),
        ];
    }

    internal override IEnumerable<string> GetInputsOf(string output) =>
        output == _model.ActivationMapsColumnName && _model.MapLabelColumnName is { } label ? [_model.ImageColumnName, label] : [_model.ImageColumnName];

    internal override Tensor Prepare(RowBatch batch) => ImageBatch.ToTensorFor(_classifier.Device, batch, _model.ImageColumnName);

    internal override void Compute(RowBatch batch)
    {
        using var scope = NewDisposeScope();
        using var images = ImageBatch.Take(batch, _model.ImageColumnName);
        if (batch.Wants(_model.ProbabilityColumnName))
        {
            TensorColumns.Set<float>(batch, _model.ProbabilityColumnName, Scaled(_classifier.PredictProbabilities(images, Precision)));
        }

        if (batch.Wants(_model.GateProbabilityColumnName))
        {
            TensorColumns.Set<float>(batch, _model.GateProbabilityColumnName, Scaled(_classifier.PredictWindowProbabilities(images, Precision, _model.OverlapGateWindows)));
        }

        if (batch.Wants(_model.ActivationMapsColumnName))
        {
            TensorColumns.Set<float>(batch, _model.ActivationMapsColumnName, ComputeMaps(images, MapLabels(batch)));
        }
    }

    private Tensor Scaled(Tensor probabilities) => PresenceScaling.Apply(probabilities, _model.PresenceThresholds);

    /// <summary>Maps over the model's views, but over one where only one class occurs: the pseudo mask is that class then, whatever its map is.</summary>
    private Tensor ComputeMaps(Tensor images, Tensor? labels)
    {
        if (labels is null || _model.ActivationMapViews == 1)
        {
            return _classifier.ComputeActivationMaps(images, _model.Layers, labels, Precision, _model.ActivationMapViews);
        }

        var several = labels.sum(1).gt(1);
        var parts = new[] { (Rows: several.logical_not().nonzero().squeeze(1), Views: 1), (Rows: several.nonzero().squeeze(1), Views: _model.ActivationMapViews) }
            .Where(part => part.Rows.shape[0] > 0)
            .Select(part => (part.Rows, Maps: _classifier.ComputeActivationMaps(images.index_select(0, part.Rows), _model.Layers, labels.index_select(0, part.Rows), Precision, part.Views)))
            .ToArray();
        var order = cat([.. parts.Select(part => part.Rows)]).argsort();
        return cat([.. parts.Select(part => part.Maps)]).index_select(0, order);
    }

    /// <summary>The classes [N, C] whose maps are wanted; null for all.</summary>
    private Tensor? MapLabels(RowBatch batch) => _model.MapLabelColumnName is { } label && batch.Has(label)
        ? tensor(TensorColumns.Get<bool>(batch, label, Classes.Count, "one for each class"), [batch.Count, Classes.Count], device: CPU)
        : null;

    internal override void SaveModel(ModelWriter writer)
    {
        writer.WriteJson(ModelPart, _model);
        writer.WriteStream(NetworkStreams.Part, stream => NetworkStreams.Save(_classifier.Network, stream));
    }

    private protected override void Dispose(bool disposing)
    {
        if (_ownsClassifier)
        {
            _classifier.Dispose();
        }

        base.Dispose(disposing);
    }

    private static PatchClassifierTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var reader = new ModelReader(environment, context, _format);
        var model = reader.ReadJson<PatchClassifierModel>(ModelPart, reader.Version switch
        {
            1 or 2 => PatchClassifierModel.UpgradeLayout2,
            3 => SavedBatchSize.UpgradeDefault,
            _ => null,
        });
        var classes = TissueClasses.FromJson(model.Classes);
        var network = reader.ReadStream(NetworkStreams.Part, stream => NetworkStreams.Load(stream, () => ClassifierNetwork.ToLoad(model.Encoder, classes.Count, model.Width)));
        try
        {
            var device = TorchDevice.Choose(environment);
            PrecisionCheck.Report(environment, device, model.Precision);
            var classifier = new PatchClassifier(network, model.Normalization, (model.PatchHeight, model.PatchWidth), device);
            classifier.Fold();
            return new PatchClassifierTransformer(environment, classifier, model);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
