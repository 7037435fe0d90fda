using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch.Inference;
using Mlps.Torch.PseudoMasks;
using static TorchSharp.torch;

[assembly: LoadableClass(typeof(PseudoMaskTransformer), null, typeof(SignatureLoadModel), "Tissue pseudo masks", PseudoMaskTransformer.LoaderSignature)]

namespace Mlps.ML;

/// <summary>Makes a class mask from each layer's activation maps and the patch label.</summary>
public sealed class PseudoMaskTransformer : TissueTransformer
{
    internal const string LoaderSignature = "TissuePseudoMasks";
    private const string ModelPart = "model.json";

    /// <summary>Tissues above this probability are taken as occurring in images without a label.</summary>
    private const double LikelyProbability = 0.5;

    // Layout 1: model.json.
    // Layout 2: in model.json, Options.Scaling is given.
    private static readonly ModelFormat _format = new(Assembly.GetExecutingAssembly(), "MLPSPSMK", LoaderSignature, Version: 2, OldestReadable: 1);

    private readonly PseudoMaskModel _model;
    private readonly PseudoMasksOptions _options;
    private readonly Lazy<Device> _device;

    internal PseudoMaskTransformer(IHostEnvironment environment, PseudoMaskModel model)
        : base(environment)
    {
        (_model, _options) = (model, model.Options);
        _device = new(() => TorchDevice.Find(environment));
        Classes = TissueClasses.FromJson(model.Classes);
    }

    /// <summary>The tissues.</summary>
    public TissueClasses Classes { get; }

    internal override IReadOnlyList<InputColumn> Inputs => PseudoMaskModel.Inputs(_options, Classes.Count);

    internal override int BatchSize => 8;

    internal override ModelFormat Format => _format;

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema)
    {
        if (LabelSource(inputSchema) is null)
        {
            var sources = LabelSources;
            throw new ArgumentOutOfRangeException(
                nameof(inputSchema), $"Could not find input column '{sources[0]}', nor '{sources[1]}' or '{sources[2]}' instead: pseudo masks need to know which tissues occur.");
        }

        var (height, width) = ImageSize.Read(inputSchema[_options.ImageColumnName]);
        return [.. _options.OutputColumnNames.Select(name => new DataViewSchema.DetachedColumn(
            name, PixelVector.Type(NumberDataViewType.Byte, height, width), ClassAnnotations.Create(Classes.Names, perSlot: false)))];
    }

    internal override IEnumerable<string> GetInputsOf(string output) => [_options.ImageColumnName, _options.ActivationMapsColumnName, .. LabelSources];

    internal override IEnumerable<string> GetInputsOf(string output, DataViewSchema inputSchema) =>
        [_options.ImageColumnName, _options.ActivationMapsColumnName, LabelSource(inputSchema)!];

    internal override Tensor Prepare(RowBatch batch) => ImageBatch.ToTensor(batch, _options.ImageColumnName);

    internal override void Compute(RowBatch batch)
    {
        using var scope = NewDisposeScope();
        using var images = ImageBatch.Take(batch, _options.ImageColumnName);
        int rows = CellGrid.Count((int)images.shape[2]), columns = CellGrid.Count((int)images.shape[3]);
        var (layers, classes) = (_options.Layers.Count, Classes.Count);
        var values = TensorColumns.Get<float>(batch, _options.ActivationMapsColumnName, layers * classes * rows * columns, $"{layers} layers x {classes} classes x {rows} x {columns}");
        var masks = PseudoMaskGenerator.Generate(
            tensor(values, [batch.Count, layers, classes, rows, columns], device: CPU).to(_device.Value),
            Labels(batch, rows * columns),
            images,
            new PseudoMaskRules { Background = Classes.Background is null ? null : _options.Background, Recipe = _options.Recipe, Scaling = _options.Scaling, FuseLayers = _options.FuseLayers }).cpu();
        foreach (var (index, name) in _options.OutputColumnNames.Index())
        {
            TensorColumns.Set<byte>(batch, name, masks.select(1, index));
        }
    }

    internal override void SaveModel(ModelWriter writer) => writer.WriteJson(ModelPart, _model);

    private static PseudoMaskTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var reader = new ModelReader(environment, context, _format);
        return new(environment, reader.ReadJson<PseudoMaskModel>(ModelPart, reader.Version < 2 ? PseudoMaskModel.UpgradeLayout1 : null));
    }

    /// <summary>The columns that can say which tissues occur, the surest first.</summary>
    private string[] LabelSources => [_options.LabelColumnName, _options.GateProbabilityColumnName, _options.ProbabilityColumnName];

    private string? LabelSource(DataViewSchema schema) => LabelSources.FirstOrDefault(name => schema.GetColumnOrNull(name) is not null);

    /// <summary>The tissues that may be chosen, [N, C].</summary>
    private Tensor Labels(RowBatch batch, int cells)
    {
        if (batch.Has(_options.LabelColumnName))
        {
            return tensor(TensorColumns.Get<bool>(batch, _options.LabelColumnName, Classes.Count, "one for each class"), [batch.Count, Classes.Count], device: CPU);
        }

        var probabilities = batch.Has(_options.GateProbabilityColumnName)
            ? tensor(TensorColumns.Get<float>(batch, _options.GateProbabilityColumnName, Classes.Count * cells, "classes x cells"), [batch.Count, Classes.Count, cells], device: CPU).amax(2)
            : tensor(TensorColumns.Get<float>(batch, _options.ProbabilityColumnName, Classes.Count, "one for each class"), [batch.Count, Classes.Count], device: CPU);
        var likely = probabilities.gt(LikelyProbability);
        return likely.scatter(1, probabilities.argmax(1, keepdim: true), ones_like(likely));
    }
}
