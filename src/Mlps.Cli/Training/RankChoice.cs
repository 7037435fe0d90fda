namespace Mlps.Cli.Training;

/// <summary>Which processes train together.</summary>
internal enum RankChoice
{
    /// <summary>This one alone.</summary>
    None,

    /// <summary>Those that mpirun or srun started.</summary>
    Mpi,
}
