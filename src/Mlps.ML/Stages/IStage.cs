using Microsoft.ML;
using Mlps.ML.Interop;

namespace Mlps.ML.Stages;

/// <summary>What views, cursors and rows have to know of a transformer that computes batches of rows.</summary>
/// <remarks>The package <c>Mlps.Onnx</c> compiles this machinery into itself, as it must not depend on TorchSharp.</remarks>
internal interface IStage
{
    /// <summary>Columns that the stage reads.</summary>
    IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>Rows that are computed together, at most.</summary>
    int BatchSize { get; }

    /// <summary>Whether the stage runs a network, which is fed best by one batch at a time.</summary>
    bool RunsNetwork { get; }

    /// <summary>Whether the stage computes on a device of its own, so that a batch is best computed before it is needed.</summary>
    bool ComputesAhead { get; }

    /// <summary>The stage's columns on a table of a certain schema, whose declared inputs have been checked.</summary>
    IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema);

    /// <summary>Names of the inputs that an output is computed from; optional ones may be named whether or not a table has them.</summary>
    IEnumerable<string> GetInputsOf(string output);

    /// <summary>Names of the inputs that an output is computed from on a table of a certain schema: without those that others stand in for.</summary>
    IEnumerable<string> GetInputsOf(string output, DataViewSchema inputSchema);

    /// <summary>Whether a row may join a batch that has begun.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">Index of its first row.</param>
    /// <param name="next">Index of the row, which <see cref="RowBatch.Count"/> does not count yet.</param>
    bool SharesBatch(RowBatch batch, int first, int next);

    /// <summary>Makes of the inputs what the stage computes with, as far as that can be done while another batch is computed; null if nothing can.</summary>
    IDisposable? Prepare(RowBatch batch);

    /// <summary>Computes the requested outputs of every row.</summary>
    void RunCompute(RowBatch batch);

    /// <summary>Adds the stage's columns to a table.</summary>
    IDataView Transform(IDataView input);
}
