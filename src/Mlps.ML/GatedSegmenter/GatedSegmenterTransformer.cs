using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

[assembly: LoadableClass(typeof(GatedSegmenterTransformer), null, typeof(SignatureLoadModel), "Gated tissue segmenter", GatedSegmenterTransformer.LoaderSignature)]

namespace Mlps.ML;

/// <summary>A trained segmenter: the tissue of every pixel.</summary>
public sealed class GatedSegmenterTransformer : TissueTransformer
{
    internal const string LoaderSignature = "GatedTissueSegmenter";
    private const string ModelPart = "model.json";

    // Layout 1: model.json, weights.safetensors.
    // Layout 2: in model.json, Asking is called Segmentation.
    // Layout 3: in model.json, the precision Full means 32 bits on GPUs too.
    // Layout 4: in model.json, ScoringBatchSize may be null.
    // Layout 5: in model.json, how windows are blended; before, all their pixels counted the same.
    private static readonly ModelFormat _format = new(Assembly.GetExecutingAssembly(), "MLPSGSEG", LoaderSignature, Version: 5, OldestReadable: 1);

    private readonly Segmenter _segmenter;
    private readonly GatedSegmenterModel _model;
    private readonly bool _ownsSegmenter;

    internal GatedSegmenterTransformer(IHostEnvironment environment, Segmenter segmenter, GatedSegmenterModel model, TissueTransformer? owner = null)
        : base(environment, owner)
    {
        (_segmenter, _model, _ownsSegmenter) = (segmenter, model, owner is null);
        Classes = TissueClasses.FromJson(model.Classes);
    }

    /// <summary>How the segmenter came about.</summary>
    public TrainingRecord Training => _model.Training;

    /// <summary>The tissues.</summary>
    public TissueClasses Classes { get; }

    /// <summary>The size in µm of the pixels that it was trained on; null where nobody said.</summary>
    public double? MicronsPerPixel => _model.MicronsPerPixel;

    /// <summary>The trained segmenter, for work on tensors; it belongs to the transformer.</summary>
    public Segmenter Segmenter => _segmenter;

    /// <summary>How images are predicted and gated: as chosen on the validation set, or as the options said.</summary>
    public SegmentationOptions Segmentation => _model.Segmentation;

    /// <summary>The column with the class of each pixel.</summary>
    internal string PredictedMaskColumnName => _model.PredictedMaskColumnName;

    /// <summary>The column with the probability of each class at each pixel.</summary>
    internal string PixelProbabilityColumnName => _model.PixelProbabilityColumnName;

    internal override IReadOnlyList<InputColumn> Inputs =>
        GateColumn is { } gate ? [InputColumn.Image(_model.ImageColumnName), InputColumn.Vector<float>(gate)] : [InputColumn.Image(_model.ImageColumnName)];

    internal override int BatchSize => BatchLimits.Rows(_segmenter.Device, _model.ScoringBatchSize);

    internal override long BatchPixels => BatchLimits.Pixels(_segmenter.Device);

    internal override bool ComputesAhead => _segmenter.Device.type is not DeviceType.CPU;

    internal override ModelFormat Format => _format;

    private string? GateColumn => _model.Segmentation.Gate switch
    {
        GateMode.None => null,
        GateMode.Whole => _model.ProbabilityColumnName,
        _ => _model.GateProbabilityColumnName,
    };

    /// <summary>The same segmenter with other prediction options, for instance without its gate.</summary>
    /// <remarks>It shares the network and is valid as long as this one.</remarks>
    /// <param name="segmentation">How to predict and gate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public GatedSegmenterTransformer With(SegmentationOptions segmentation)
    {
        ArgumentNullException.ThrowIfNull(segmentation);
        segmentation.Check();
        if (segmentation.Precision != Segmentation.Precision)
        {
            PrecisionCheck.Report(Host, _segmenter.Device, segmentation.Precision);
        }

        return new GatedSegmenterTransformer(Host, _segmenter, _model with { Segmentation = segmentation }, owner: this);
    }

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema)
    {
        var (height, width) = ImageSize.Read(inputSchema[_model.ImageColumnName]);
        var annotations = ClassAnnotations.Create(Classes.Names, perSlot: false);
        return
        [
            new(_model.PredictedMaskColumnName, PixelVector.Type(NumberDataViewType.Byte, height, width), annotations),
            new(_model.PixelProbabilityColumnName, PixelVector.Type(NumberDataViewType.Single, Classes.Count, height, width), annotations),
            new(_model.PixelUncertaintyColumnName, PixelVector.Type(NumberDataViewType.Single, height, width), annotations),
        ];
    }

    internal override IEnumerable<string> GetInputsOf(string output) => GateColumn is { } gate ? [_model.ImageColumnName, gate] : [_model.ImageColumnName];

    internal override Tensor Prepare(RowBatch batch) => ImageBatch.ToTensorFor(_segmenter.Device, batch, _model.ImageColumnName);

    internal override void Compute(RowBatch batch)
    {
        using var state = ComputeScope.ForPrediction();
        using var images = ImageBatch.Take(batch, _model.ImageColumnName);
        var (masks, probabilities, uncertainty) = _segmenter.Predict(images, Gate(batch, images), _model.Segmentation, Wanted(batch));
        using (masks)
        using (probabilities)
        using (uncertainty)
        {
            if (masks is not null)
            {
                TensorColumns.Set<byte>(batch, _model.PredictedMaskColumnName, masks);
            }

            if (probabilities is not null)
            {
                TensorColumns.Set<float>(batch, _model.PixelProbabilityColumnName, probabilities);
            }

            if (uncertainty is not null)
            {
                TensorColumns.Set<float>(batch, _model.PixelUncertaintyColumnName, uncertainty);
            }
        }
    }

    internal override void SaveModel(ModelWriter writer)
    {
        writer.WriteJson(ModelPart, _model);
        writer.WriteStream(NetworkStreams.Part, stream => NetworkStreams.Save(_segmenter.Network, stream));
    }

    private protected override void Dispose(bool disposing)
    {
        if (_ownsSegmenter)
        {
            _segmenter.Dispose();
        }

        base.Dispose(disposing);
    }

    private static GatedSegmenterTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var reader = new ModelReader(environment, context, _format);
        var model = reader.ReadJson<GatedSegmenterModel>(ModelPart, reader.Version switch
        {
            1 => GatedSegmenterModel.UpgradeLayout1,
            2 => GatedSegmenterModel.UpgradeLayout2,
            3 => GatedSegmenterModel.UpgradeLayout3,
            4 => GatedSegmenterModel.UpgradeLayout4,
            _ => null,
        });
        var classes = TissueClasses.FromJson(model.Classes);
        var network = reader.ReadStream(NetworkStreams.Part, stream => NetworkStreams.Load(stream, () => DeepLabV3Plus.ToLoad(classes.Count, model.Architecture)));
        try
        {
            var device = TorchDevice.Choose(environment);
            PrecisionCheck.Report(environment, device, model.Segmentation.Precision);
            var segmenter = new Segmenter(network, model.Normalization, (model.PatchHeight, model.PatchWidth), device);
            segmenter.Fold();
            return new GatedSegmenterTransformer(environment, segmenter, model);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private PixelOutputs Wanted(RowBatch batch) =>
        (batch.Wants(_model.PredictedMaskColumnName) ? PixelOutputs.Masks : PixelOutputs.None)
        | (batch.Wants(_model.PixelProbabilityColumnName) ? PixelOutputs.Probabilities : PixelOutputs.None)
        | (batch.Wants(_model.PixelUncertaintyColumnName) ? PixelOutputs.Uncertainty : PixelOutputs.None);

    private Tensor? Gate(RowBatch batch, Tensor images)
    {
        if (GateColumn is not { } column)
        {
            return null;
        }

        int height = (int)images.shape[2], width = (int)images.shape[3];
        return stack(Enumerable.Range(0, batch.Count).Select(row =>
            GateTensor.TryFrom(batch.Vector<float>(column, row).ToArray(), Classes.Count, height, width, out var wrong) ?? throw batch.Error(row, $"column '{column}': {wrong}")));
    }
}
