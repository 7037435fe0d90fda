using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>A stage applied to single rows, as <c>PredictionEngine</c> does.</summary>
internal sealed class StageRowMapper(StageBindings bindings) : IRowToRowMapper
{
    public DataViewSchema InputSchema => bindings.InputSchema;

    public DataViewSchema OutputSchema => bindings.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => bindings.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new StageRow(bindings, input, activeColumns);
}
