using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Runtime;
using TorchSharp;

namespace Mlps.ML.Stages;

/// <summary>One trained stage of a tissue segmentation chain: a table goes in, the same table with the stage's columns comes out.</summary>
/// <remarks>
/// <para>
/// Only requested columns are computed. A cursor with a requested result reads a batch of rows, computes it once,
/// and returns the rows one by one, while a thread of the pool reads the next batch; a cursor with other columns only passes them through. Images and vectors that cursors
/// of the resulting table return beside results are copies, which the receiver owns.
/// </para>
/// <para>
/// A transformer may be used from several threads at once, each with its own cursor or prediction engine. <see cref="Dispose()"/> waits
/// for computations and saving that are running, those of its <c>With</c> copies included; later ones throw <see cref="ObjectDisposedException"/>.
/// </para>
/// </remarks>
public abstract class TissueTransformer : ITransformer, IStage, IDisposable
{
    // One transformer may compute within another on the same thread.
    private readonly ReaderWriterLockSlim _lifetime = new(LockRecursionPolicy.SupportsRecursion);
    private readonly TissueTransformer? _owner;
    private volatile bool _isDisposed;
    private volatile bool _hasReportedThreads;

    /// <param name="environment">Log and device.</param>
    /// <param name="owner">The transformer whose network this one computes with, and which waits for it before it frees that; null for a transformer of its own.</param>
    private protected TissueTransformer(IHostEnvironment environment, TissueTransformer? owner = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        Host = environment.Register(GetType().Name);
        _owner = owner?._owner ?? owner;
    }

    /// <summary>Always true: every stage maps rows one by one, so that prediction engines work.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The component's own environment.</summary>
    private protected IHost Host { get; }

    /// <summary>Columns that the stage reads.</summary>
    internal abstract IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>Rows that are computed together, at most; 1 by default.</summary>
    internal virtual int BatchSize => 1;

    /// <summary>Whether the stage computes with libtorch, which is fed best by one batch at a time.</summary>
    internal virtual bool UsesTorch => true;

    /// <summary>Pixels of the images of a batch, at most; a single image may have more.</summary>
    internal virtual long BatchPixels => BatchLimits.PixelsOnCpu;

    /// <summary>Whether the stage computes on a GPU, which is kept busy by computing the next batch while rows of one are handed out.</summary>
    internal virtual bool ComputesAhead => false;

    /// <summary>How the stage stands in a model file.</summary>
    internal abstract ModelFormat Format { get; }

    IReadOnlyList<InputColumn> IStage.Inputs => Inputs;

    int IStage.BatchSize => BatchSize;

    bool IStage.RunsNetwork => UsesTorch;

    bool IStage.ComputesAhead => ComputesAhead;

    /// <summary>The schema of the table that <see cref="Transform"/> makes of a table with a certain schema.</summary>
    /// <param name="inputSchema">Schema of the input.</param>
    /// <returns>The input's columns followed by the stage's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the stage's columns to a table; they are computed on demand.</summary>
    /// <param name="input">A table with the columns that the stage reads.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new StageView(Bind(input.Schema), input);
    }

    /// <summary>The stage as a map of single rows, as prediction engines use it.</summary>
    /// <param name="inputSchema">Schema of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new StageRowMapper(Bind(inputSchema));

    IReadOnlyList<DataViewSchema.DetachedColumn> IStage.GetOutputs(DataViewSchema inputSchema) => GetOutputs(inputSchema);

    IEnumerable<string> IStage.GetInputsOf(string output) => GetInputsOf(output);

    IEnumerable<string> IStage.GetInputsOf(string output, DataViewSchema inputSchema) => GetInputsOf(output, inputSchema);

    bool IStage.SharesBatch(RowBatch batch, int first, int next) => SharesBatch(batch, first, next);

    IDisposable? IStage.Prepare(RowBatch batch)
    {
        if (!UsesTorch)
        {
            return null;
        }

        using var state = ComputeScope.ForWeights();
        return Prepare(batch)?.DetachFromDisposeScope();
    }

    void IStage.RunCompute(RowBatch batch) => RunCompute(batch);

    void ICanSaveModel.Save(ModelSaveContext ctx) => WhileAlive(() =>
    {
        var writer = new ModelWriter(ctx, Format);
        SaveModel(writer);
        writer.Complete();
        return true;
    });

    /// <summary>Frees the memory of the stage's networks, once running computations have ended.</summary>
    public void Dispose()
    {
        _lifetime.EnterWriteLock();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                Dispose(disposing: true);
            }
        }
        finally
        {
            _lifetime.ExitWriteLock();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The stage's columns on a table of a certain schema, whose declared inputs have been checked.</summary>
    internal abstract IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema);

    /// <summary>Names of the inputs that an output is computed from.</summary>
    /// <remarks>Optional ones may be named whether or not a table has them.</remarks>
    internal abstract IEnumerable<string> GetInputsOf(string output);

    /// <summary>Names of the inputs that an output is computed from on a table of a certain schema: without those that others stand in for.</summary>
    internal virtual IEnumerable<string> GetInputsOf(string output, DataViewSchema inputSchema) => GetInputsOf(output);

    /// <summary>Whether a row may join a batch that has begun; by default if its images have the same size and the batch stays small enough.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">Index of its first row.</param>
    /// <param name="next">Index of the row, which <see cref="RowBatch.Count"/> does not count yet.</param>
    internal virtual bool SharesBatch(RowBatch batch, int first, int next)
    {
        foreach (var input in Inputs)
        {
            if (input.IsImage && (!batch.HaveEqualSizes(input.Name, first, next) || (next - first + 1) * batch.PixelsOf(input.Name, next) > BatchPixels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The tensor that <see cref="Compute"/> takes from the batch by <see cref="RowBatch.TakePrepared"/>, made while another batch is computed; null if there is none.</summary>
    /// <remarks>What it throws, <see cref="Compute"/> has to throw again.</remarks>
    internal virtual torch.Tensor? Prepare(RowBatch batch) => null;

    /// <summary>Computes the requested outputs of every row.</summary>
    /// <remarks>Called from several threads at once, each with its own batch.</remarks>
    internal abstract void Compute(RowBatch batch);

    /// <summary>Writes options and weights.</summary>
    internal abstract void SaveModel(ModelWriter writer);

    /// <summary>Computes unless disposed, and holds off disposal meanwhile.</summary>
    internal void RunCompute(RowBatch batch)
    {
        EnterLifetime();
        try
        {
            ThrowIfDisposed();
            if (UsesTorch)
            {
                ComputeWithTorch(batch);
            }
            else
            {
                Compute(batch);
            }
        }
        finally
        {
            ExitLifetime();
        }
    }

    /// <summary>Reads parameters unless disposed, and holds off disposal meanwhile.</summary>
    /// <param name="read">Waits for no computation of the stage on another thread, which waits for a disposal that has begun.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    internal T WhileAlive<T>(Func<T> read)
    {
        EnterLifetime();
        try
        {
            ThrowIfDisposed();
            return read();
        }
        finally
        {
            ExitLifetime();
        }
    }

    /// <summary>Holds off disposal, also of the network that is another transformer's.</summary>
    private void EnterLifetime()
    {
        _owner?._lifetime.EnterReadLock();
        _lifetime.EnterReadLock();
    }

    private void ExitLifetime()
    {
        _lifetime.ExitReadLock();
        _owner?._lifetime.ExitReadLock();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed || _owner is { _isDisposed: true }, this);

    /// <summary>Frees what the stage owns.</summary>
    /// <remarks>Called once, while nothing is computed.</remarks>
    /// <param name="disposing">True: there is no finalizer.</param>
    private protected virtual void Dispose(bool disposing)
    {
    }

    private void ComputeWithTorch(RowBatch batch)
    {
        try
        {
            ReportThreads();
            using var state = ComputeScope.ForWeights();
            Compute(batch);
        }
        finally
        {
            FreedMemory.TrimToBound();
        }
    }

    private void ReportThreads()
    {
        if (!_hasReportedThreads && ThreadCheck.Report(Host))
        {
            _hasReportedThreads = true;
        }
    }

    private StageBindings Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ThrowIfDisposed();
        return new StageBindings(Host, this, inputSchema);
    }
}
