using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using static TorchSharp.torch;

namespace Mlps.Benchmarks.Setup;

/// <summary>A stage whose network costs nothing: what is left is what tables cost. Its mask is the red plane.</summary>
internal sealed class FreeStage(IHostEnvironment environment) : TissueTransformer(environment)
{
    /// <summary>The batch size of the stages.</summary>
    internal override int BatchSize => BatchLimits.RowsOnCpu;

    internal override IReadOnlyList<InputColumn> Inputs { get; } = [InputColumn.Image(TissueColumns.Image)];

    internal override ModelFormat Format => throw new NotSupportedException("It is not saved.");

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) =>
        [new(TissueColumns.PredictedMask, new VectorDataViewType(NumberDataViewType.Byte, 0, 0))];

    internal override IEnumerable<string> GetInputsOf(string output) => [TissueColumns.Image];

    internal override Tensor Prepare(RowBatch batch) => ImageBatch.ToTensor(batch, TissueColumns.Image);

    internal override void Compute(RowBatch batch)
    {
        using var images = ImageBatch.Take(batch, TissueColumns.Image);
        using var red = images.select(1, 0);
        TensorColumns.Set<byte>(batch, TissueColumns.PredictedMask, red);
    }

    internal override void SaveModel(ModelWriter writer) => throw new NotSupportedException("It is not saved.");
}
