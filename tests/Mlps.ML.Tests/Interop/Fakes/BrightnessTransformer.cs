using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;

[assembly: LoadableClass(typeof(BrightnessTransformer), null, typeof(SignatureLoadModel), "Brightness", BrightnessTransformer.LoaderSignature)]

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>A second stage, which reads what the first one made.</summary>
internal sealed class BrightnessTransformer(IHostEnvironment environment) : TissueTransformer(environment)
{
    public const string LoaderSignature = "MlpsTestBrightness";
    public const string Column = "Brightness";

    private static readonly ModelFormat _format = new(typeof(BrightnessTransformer).Assembly, "TST BRGT", LoaderSignature, Version: 1, OldestReadable: 1);
    private int _computations;

    public int Computations => _computations;

    /// <summary>Called in the middle of a computation.</summary>
    public Action? Inside { get; set; }

    internal override IReadOnlyList<InputColumn> Inputs { get; } = [InputColumn.Vector<float>(MeanColorTransformer.Mean, size: 3)];

    internal override int BatchSize => 3;

    internal override ModelFormat Format => _format;

    private static BrightnessTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        _ = new ModelReader(env, ctx, _format);
        return new BrightnessTransformer(env);
    }

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) =>
        [new(Column, new VectorDataViewType(NumberDataViewType.Single, 1))];

    internal override IEnumerable<string> GetInputsOf(string output) => [MeanColorTransformer.Mean];

    internal override void Compute(RowBatch batch)
    {
        Interlocked.Increment(ref _computations);
        Inside?.Invoke();
        for (var row = 0; row < batch.Count; row++)
        {
            float sum = 0;
            foreach (var value in batch.Vector<float>(MeanColorTransformer.Mean, row))
            {
                sum += value;
            }

            batch.SetVector(Column, row, [sum / 3]);
        }
    }

    internal override void SaveModel(ModelWriter writer)
    {
    }
}
