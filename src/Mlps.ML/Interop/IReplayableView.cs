using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Interop;

/// <summary>A table made from another, row by row, by a step that can be applied to further tables.</summary>
internal interface IReplayableView : IDataView, IRowToRowMapper
{
    /// <summary>The table that this one was made from.</summary>
    IDataView Input { get; }

    /// <summary>Columns of the input that the step computes some of its own columns from.</summary>
    (string[] Required, string[] Optional) InputsOf(IEnumerable<string> outputs);

    /// <summary>Applies the same step to another table.</summary>
    IDataView ReplayOn(IDataView newInput);
}
