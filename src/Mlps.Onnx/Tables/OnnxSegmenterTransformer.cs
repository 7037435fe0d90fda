using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Onnx;

[assembly: LoadableClass(typeof(OnnxSegmenterTransformer), null, typeof(SignatureLoadModel), "Tissue segmenter in ONNX", OnnxSegmenterTransformer.LoaderSignature)]

namespace Mlps.Onnx;

/// <summary>Adds the tissue of every pixel to tables of images, by an exported model on ONNX Runtime.</summary>
/// <remarks>
/// <para>Only requested columns are computed. Saved models hold the ONNX file; <c>ml.Model.Load</c> loads them in any process that references this package.</para>
/// <para>It may be used from several threads at once, each with its own cursor or prediction engine.</para>
/// </remarks>
public sealed class OnnxSegmenterTransformer : ITransformer, IStage, IDisposable
{
    /// <summary>Output: Vector of Single [C], the probability of each tissue in the whole image.</summary>
    public const string ProbabilityColumnName = "Probability";

    /// <summary>Output: Vector of Single [C, H, W], the probability of each tissue at each pixel.</summary>
    public const string PixelProbabilityColumnName = "PixelProbability";

    /// <summary>Output: Vector of Single [H, W], the uncertainty of each pixel from 0 to 1.</summary>
    public const string PixelUncertaintyColumnName = "PixelUncertainty";

    internal const string LoaderSignature = "OnnxTissueSegmenter";

    private const string ModelPart = "model.json";
    private const string FilePart = "model.onnx";

    // Layout 1: model.json, model.onnx.
    private static readonly ModelFormat _format = new(Assembly.GetExecutingAssembly(), "MLPSONNX", LoaderSignature, Version: 1, OldestReadable: 1);

    private readonly IHost _host;
    private readonly SavedOnnxSegmenter _model;
    private readonly byte[] _file;

    internal OnnxSegmenterTransformer(IHostEnvironment environment, SavedOnnxSegmenter model, byte[] file, OnnxSegmenter segmenter)
    {
        _host = environment.Register(nameof(OnnxSegmenterTransformer));
        (_model, _file, Segmenter) = (model, file, segmenter);
    }

    /// <summary>The model, for work on single images; it belongs to the transformer.</summary>
    public OnnxSegmenter Segmenter { get; }

    /// <summary>Always true: rows are computed one by one, so that prediction engines work.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>Names of outputs that cannot be chosen.</summary>
    internal static IReadOnlyList<string> OtherColumns { get; } = [ProbabilityColumnName, PixelProbabilityColumnName, PixelUncertaintyColumnName];

    IReadOnlyList<InputColumn> IStage.Inputs => [InputColumn.Image(_model.ImageColumnName)];

    int IStage.BatchSize => 1;

    bool IStage.RunsNetwork => true;

    bool IStage.ComputesAhead => false;

    /// <summary>The schema of the table that <see cref="Transform"/> makes of a table with a certain schema.</summary>
    /// <param name="inputSchema">Schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of images is missing or has another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the columns to a table; they are computed on demand.</summary>
    /// <param name="input">A table with the column of images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of images is missing or has another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new StageView(Bind(input.Schema), input);
    }

    /// <summary>The model as a map of single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">Schema of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of images is missing or has another type.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new StageRowMapper(Bind(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        var writer = new ModelWriter(ctx, _format);
        writer.WriteJson(ModelPart, _model);
        writer.WriteStream(FilePart, stream => stream.Write(_file));
        writer.Complete();
    }

    /// <summary>Frees the networks, once running predictions have ended.</summary>
    public void Dispose() => Segmenter.Dispose();

    IReadOnlyList<DataViewSchema.DetachedColumn> IStage.GetOutputs(DataViewSchema inputSchema)
    {
        var (height, width) = ImageSize.Read(inputSchema[_model.ImageColumnName]);
        string[] names = [.. Segmenter.Tissues.Select(tissue => tissue.Name)];
        var (single, annotations) = (NumberDataViewType.Single, ClassAnnotations.Create(names, perSlot: false));
        return
        [
            new(_model.PredictedMaskColumnName, PixelVector.Type(NumberDataViewType.Byte, height, width), annotations),
            new(ProbabilityColumnName, new VectorDataViewType(single, names.Length), ClassAnnotations.Create(names, perSlot: true)),
            new(PixelProbabilityColumnName, PixelVector.Type(single, names.Length, height, width), annotations),
            new(PixelUncertaintyColumnName, PixelVector.Type(single, height, width), annotations),
        ];
    }

    IEnumerable<string> IStage.GetInputsOf(string output) => [_model.ImageColumnName];

    IEnumerable<string> IStage.GetInputsOf(string output, DataViewSchema inputSchema) => [_model.ImageColumnName];

    bool IStage.SharesBatch(RowBatch batch, int first, int next) => false;

    IDisposable? IStage.Prepare(RowBatch batch) => null;

    void IStage.RunCompute(RowBatch batch)
    {
        var outputs = Wanted(_model.PredictedMaskColumnName, OnnxOutputs.Mask) | Wanted(ProbabilityColumnName, OnnxOutputs.Probability)
            | Wanted(PixelProbabilityColumnName, OnnxOutputs.PixelProbability) | Wanted(PixelUncertaintyColumnName, OnnxOutputs.PixelUncertainty);
        for (var row = 0; row < batch.Count; row++)
        {
            var result = Segmenter.Predict(batch.Image(_model.ImageColumnName, row), outputs);
            Set(_model.PredictedMaskColumnName, result.Mask);
            Set(ProbabilityColumnName, result.Probability);
            Set(PixelProbabilityColumnName, result.PixelProbability);
            Set(PixelUncertaintyColumnName, result.PixelUncertainty);

            void Set<T>(string column, ReadOnlyMemory<T> values)
            {
                if (batch.Wants(column))
                {
                    batch.SetVector(column, row, MemoryMarshal.TryGetArray(values, out var segment) ? segment.Array! : values.ToArray());
                }
            }
        }

        OnnxOutputs Wanted(string column, OnnxOutputs output) => batch.Wants(column) ? output : OnnxOutputs.None;
    }

    internal static OnnxSegmenterTransformer Load(IHostEnvironment environment, byte[] file, string name, SavedOnnxSegmenter model, OnnxSegmenterOptions options)
    {
        model.Check();
        return new(environment, model, file, OnnxSegmenter.Load(file, name, options));
    }

    private static OnnxSegmenterTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        var reader = new ModelReader(environment, context, _format);
        var model = reader.ReadJson<SavedOnnxSegmenter>(ModelPart);
        var file = reader.ReadStream(FilePart, stream =>
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
        return Load(environment, file, $"'{FilePart}' in the model", model, model.ToOptions());
    }

    private StageBindings Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new StageBindings(_host, this, inputSchema);
    }
}
