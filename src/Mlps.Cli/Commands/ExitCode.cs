namespace Mlps.Cli.Commands;

/// <summary>What the process tells the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something that the user can mend.</summary>
    public const int UserError = 1;

    /// <summary>The work is done but for some images, which are named.</summary>
    public const int SomeFailed = 3;

    /// <summary>The model is trained and written, but not where it was to be; the console names the place.</summary>
    public const int Elsewhere = 4;

    /// <summary>Stopped by Ctrl-C, as shells number it.</summary>
    public const int Interrupted = 130;
}
