using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;

[assembly: LoadableClass(typeof(StainNormalizationTransformer), null, typeof(SignatureLoadModel), "Stain normalization", StainNormalizationTransformer.LoaderSignature)]

namespace Mlps.ML;

/// <summary>Gives images the stains of the reference that it was fitted on.</summary>
/// <remarks>
/// Images keep their size. Transparent pixels are laid on white first, as everywhere in this library. Images with hardly any tissue (fewer than 50 pixels) or of a single colour are passed on unchanged, and so are opaque pixels, such as ink.
/// </remarks>
public sealed class StainNormalizationTransformer : TissueTransformer
{
    internal const string LoaderSignature = "TissueStains";
    private const string ModelPart = "model.json";

    // Layout 1: model.json.
    private static readonly ModelFormat _format = new(Assembly.GetExecutingAssembly(), "MLPSSTNN", LoaderSignature, Version: 1, OldestReadable: 1);

    private readonly StainNormalizer _normalizer;

    internal StainNormalizationTransformer(IHostEnvironment environment, StainNormalizationModel model)
        : base(environment) => (Model, _normalizer) = (model, model.CreateNormalizer());

    /// <summary>How stains are found and replaced.</summary>
    public StainMethod Method => Model.Method;

    internal StainNormalizationModel Model { get; }

    internal override IReadOnlyList<InputColumn> Inputs => [InputColumn.Image(Model.InputColumnName)];

    internal override ModelFormat Format => _format;

    internal override bool UsesTorch => false;

    /// <summary>An image with the reference's stains.</summary>
    /// <param name="image">The image, which stays the caller's.</param>
    /// <returns>A new image of the same size and pixel format; the caller disposes it.</returns>
    /// <exception cref="NotSupportedException">The image has a pixel format other than Rgba32 and Bgra32.</exception>
    public MLImage Normalize(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var pixels = new StainPixels(image);
        return _normalizer.TryApply(pixels) ? pixels.ToImage() : ImageBuffer.Copy(image)!;
    }

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) => [new(Model.OutputColumnName, inputSchema[Model.InputColumnName].Type)];

    internal override IEnumerable<string> GetInputsOf(string output) => [Model.InputColumnName];

    internal override void Compute(RowBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            batch.Set<MLImage?>(Model.OutputColumnName, row, Normalize(batch.Image(Model.InputColumnName, row)));
        }
    }

    internal override void SaveModel(ModelWriter writer) => writer.WriteJson(ModelPart, Model);

    private static StainNormalizationTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        new(environment, new ModelReader(environment, context, _format).ReadJson<StainNormalizationModel>(ModelPart));
}
