namespace Mlps.Cli.Terminal;

/// <summary>Counts reports.</summary>
internal sealed class StepProgress<T>(Action step) : IProgress<T>
{
    public void Report(T value) => step();
}
