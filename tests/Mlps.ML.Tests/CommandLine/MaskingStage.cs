using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.Stages;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>A stage that predicts the first class everywhere, and fails with batches as a test says.</summary>
internal sealed class MaskingStage(MLContext ml, Action<IReadOnlyList<string>> inside) : TissueTransformer(ml)
{
    internal override IReadOnlyList<InputColumn> Inputs { get; } = [InputColumn.Image(TissueColumns.Image)];

    internal override int BatchSize => 3;

    internal override ModelFormat Format => throw new NotSupportedException();

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) =>
        [new(TissueColumns.PredictedMask, new VectorDataViewType(NumberDataViewType.Byte), null)];

    internal override IEnumerable<string> GetInputsOf(string output) => [TissueColumns.Image];

    internal override void Compute(RowBatch batch)
    {
        inside([.. Enumerable.Range(0, batch.Count).Select(batch.NameOf)]);
        for (var row = 0; row < batch.Count; row++)
        {
            var image = batch.Image(TissueColumns.Image, row);
            batch.SetVector(TissueColumns.PredictedMask, row, new byte[image.Width * image.Height]);
        }
    }

    internal override void SaveModel(ModelWriter writer) => throw new NotSupportedException();
}
