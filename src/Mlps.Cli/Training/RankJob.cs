using System.Globalization;
using Mlps.Cli.Terminal;
using Mlps.Torch.Ranks;
using Spectre.Console;

namespace Mlps.Cli.Training;

/// <summary>This process among those that train together: rank 0 speaks and writes, and all of them end together.</summary>
internal sealed class RankJob : IDisposable
{
    /// <summary>How long other ranks wait for rank 0 to say what went wrong, where it went wrong there too.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private static RankJob? _current;

    private readonly MpiRanks? _mpi;

    private RankJob(MpiRanks? mpi) => (_mpi, Meter) = (mpi, mpi is null ? null : new RankMeter(mpi));

    /// <summary>The job of this process; null where it trains alone.</summary>
    public static RankJob? Current => _current;

    /// <summary>The ranks; null where this process trains alone.</summary>
    public RankGroup? Ranks => _mpi;

    /// <summary>Told of every step; null where this process trains alone.</summary>
    public RankMeter? Meter { get; }

    /// <summary>Whether this process writes the model and everything else.</summary>
    public bool Writes => _mpi is null or { IsFirst: true };

    /// <summary>Joins the other ranks, if that was chosen.</summary>
    /// <exception cref="InvalidOperationException">Open MPI is not installed or cannot be used.</exception>
    public static RankJob Start(RankChoice choice)
    {
        if (choice is RankChoice.None)
        {
            if (MpiRanks.LaunchedCount > 1)
            {
                Say.Warning($"{MpiRanks.LaunchedCount} processes were started together, and each of them trains alone and writes the same files. Give --ranks mpi to have them train together.");
            }

            return new(mpi: null);
        }

        var job = new RankJob(MpiRanks.Join());
        _current = job;
        if (job.Writes)
        {
            // Launchers give processes a terminal whose output they write to wherever theirs goes.
            Terminal.Terminal.MakePlain();
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"{job._mpi!.Count} ranks, by {job._mpi.Library}"));
        }
        else
        {
            Console.SetOut(TextWriter.Null);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null), Interactive = InteractionSupport.No });
        }

        return job;
    }

    /// <summary>Waits for the other ranks after the work is done.</summary>
    public void End()
    {
        if (Meter is { } meter)
        {
            foreach (var line in meter.Lines())
            {
                Say.Line(line);
            }

            Leave();
        }
    }

    /// <summary>Leaves the others after all have agreed to stop.</summary>
    public void Leave()
    {
        _current = null;
        _mpi?.Dispose();
    }

    /// <summary>Ends all ranks, as this one cannot go on.</summary>
    /// <param name="say">Writes the reason, given how this process is called; once for all ranks.</param>
    /// <param name="exitCode">What the launcher is told.</param>
    /// <param name="stop">Cancelled when the launcher ends this process.</param>
    public void Abort(Action<string> say, int exitCode, CancellationToken stop)
    {
        // What is wrong everywhere is said by rank 0, which then ends this process.
        if (!Writes && stop.WaitHandle.WaitOne(_patience))
        {
            return;
        }

        say(Writes ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"rank {_mpi!.Rank}: "));
        _mpi?.Abort(exitCode);
    }

    /// <summary>Does nothing: a process that leaves the others while they exchange would wait for them for ever.</summary>
    public void Dispose()
    {
    }
}
