using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>Trains nothing; checks schemas and makes the transformer.</summary>
internal sealed class MeanColorEstimator(IHostEnvironment environment, MeanColorOptions options) : IEstimator<MeanColorTransformer>
{
    public MeanColorTransformer Fit(IDataView input) => new(environment, options, [1f, 0.5f, 2f]);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShapes.Extend(
        environment,
        inputSchema,
        [InputColumn.Image("Image"), InputColumn.Vector<float>("Tint", size: 3, optional: true)],
        SchemaShapes.Column(MeanColorTransformer.Mean, new VectorDataViewType(NumberDataViewType.Single, 3), ("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 3))),
        SchemaShapes.Column(MeanColorTransformer.Reds, new VectorDataViewType(NumberDataViewType.Byte)),
        SchemaShapes.Column(MeanColorTransformer.Area, NumberDataViewType.Int32));
}
