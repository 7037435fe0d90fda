using System.Globalization;

namespace Mlps.Torch.Ranks;

/// <summary>The ranks that <c>mpirun</c> or <c>srun --mpi=pmix</c> started, exchanging by Open MPI 4 or 5.</summary>
/// <remarks>
/// A process joins once and leaves once, by <see cref="Dispose"/>, which waits for the other ranks. A process that fails must end by <see cref="Abort"/> or without disposing: the launcher then ends the others,
/// which would wait for ever.
/// </remarks>
public sealed class MpiRanks : RankGroup, IDisposable
{
    private static readonly string[] _localRanks = ["OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID"];
    private static readonly string[] _counts = ["OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"];

    private readonly MpiLibrary _library;
    private bool _isDisposed;

    private MpiRanks(MpiLibrary library, int rank, int count)
        : base(rank, count) => _library = library;

    /// <summary>Name and version of the library, such as <c>Open MPI v4.1.4</c>.</summary>
    public string Library => _library.Version;

    /// <summary>This process's number among those on the same machine, by which it chooses its GPU; 0 where the launcher does not say.</summary>
    public static int LocalRank => Read(_localRanks) ?? 0;

    /// <summary>How many processes the launcher of this one started; 1 where there was no launcher.</summary>
    public static int LaunchedCount => Math.Max(1, Read(_counts) ?? 1);

    /// <summary>Loads Open MPI and joins the other ranks; a process without a launcher is the only rank.</summary>
    /// <exception cref="InvalidOperationException">Open MPI is not installed or cannot be used, or this process has joined before.</exception>
    public static MpiRanks Join()
    {
        var library = MpiLibrary.Load();
        if (library.IsTouched)
        {
            throw new InvalidOperationException("This process has joined its ranks before; a process can do so once. Keep the group, and use it for all trainings.");
        }

        var (rank, count) = library.Start();
        return new(library, rank, count);
    }

    /// <summary>Ends the processes of all ranks at once, this one too.</summary>
    /// <param name="exitCode">What they tell the launcher; not 0.</param>
    public void Abort(int exitCode) => _library.Abort(exitCode);

    /// <summary>Waits for the other ranks, and leaves.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _library.End();
        }
    }

    private protected override void SumAll<T>(Span<T> values)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _library.Sum(values);
    }

    private protected override void BroadcastFrom(int root, Span<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _library.Broadcast(bytes, root);
    }

    private static int? Read(string[] variables) =>
        variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
