using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;

namespace Mlps.Onnx;

/// <summary>Adds a trained and exported model to a pipeline of ML.NET; there is nothing left to learn.</summary>
public sealed class OnnxSegmenterEstimator : IEstimator<OnnxSegmenterTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly SavedOnnxSegmenter _model;
    private readonly OnnxSegmenterOptions _options;
    private readonly byte[] _file;
    private readonly string _name;
    private readonly int _classCount;

    internal OnnxSegmenterEstimator(IHostEnvironment environment, string path, string predictedMaskColumnName, string imageColumnName, OnnxSegmenterOptions options)
    {
        (_environment, _options, _name) = (environment, options, $"'{path}'");
        _model = SavedOnnxSegmenter.From(imageColumnName, predictedMaskColumnName, options);
        _model.Check();
        _file = File.ReadAllBytes(path);
        _classCount = Model.OnnxModel.Read(_file, _name).Facts.Tissues.Count;
    }

    /// <summary>Loads the model, once the table has the column of images.</summary>
    /// <param name="input">A table.</param>
    /// <returns>The transformer, which holds native memory; dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column of images is missing or has another type.</exception>
    /// <exception cref="InvalidDataException">ONNX Runtime does not take the file.</exception>
    /// <exception cref="DllNotFoundException">The application has no native library of ONNX Runtime.</exception>
    public OnnxSegmenterTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumn.Image(_model.ImageColumnName).Check(_environment, input.Schema);
        return OnnxSegmenterTransformer.Load(_environment, _file, _name, _model, _options);
    }

    /// <summary>The schema that the transformer's tables will have.</summary>
    /// <param name="inputSchema">Schema of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of images is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var (single, count) = (NumberDataViewType.Single, _classCount);
        return SchemaShapes.Extend(
            _environment,
            inputSchema,
            [InputColumn.Image(_model.ImageColumnName)],
            ClassColumns.Shape(_model.PredictedMaskColumnName, new VectorDataViewType(NumberDataViewType.Byte), count),
            ClassColumns.Shape(OnnxSegmenterTransformer.ProbabilityColumnName, new VectorDataViewType(single, count), count, perSlot: true),
            ClassColumns.Shape(OnnxSegmenterTransformer.PixelProbabilityColumnName, new VectorDataViewType(single), count),
            ClassColumns.Shape(OnnxSegmenterTransformer.PixelUncertaintyColumnName, new VectorDataViewType(single), count));
    }
}
