namespace Mlps.Fuzz.Formats;

/// <summary>Damages sound files of one format and reads them.</summary>
/// <remarks>A case depends on the seed of the run and its own number alone.</remarks>
internal interface IFormatFuzzer : IDisposable
{
    /// <summary>Reads every sound file, so that no case is charged with what is done once in a process.</summary>
    void WarmUp();

    /// <summary>Runs one case.</summary>
    /// <param name="number">Its number.</param>
    /// <exception cref="Mlps.Torch.Tests.Weights.Fuzzing.FuzzFailureException">A promise was broken.</exception>
    FuzzCase Run(int number);
}

/// <summary>How a case ended that broke no promise.</summary>
/// <param name="IsRead">Whether the file was read; otherwise it was refused by an exception that is documented.</param>
/// <param name="FileLength">Bytes of the damaged file.</param>
/// <param name="Description">Which file it is, and how it was damaged.</param>
internal readonly record struct FuzzCase(bool IsRead, long FileLength, string Description);
