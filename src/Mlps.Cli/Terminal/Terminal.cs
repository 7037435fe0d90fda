using Spectre.Console;

namespace Mlps.Cli.Terminal;

/// <summary>What the output goes to.</summary>
internal static class Terminal
{
    /// <summary>Wide enough for any line; files and pipes have no width to wrap at.</summary>
    private const int UnwrappedWidth = 1000;

    private static TolerantWriter? _output;
    private static bool _isPlain;

    /// <summary>Why some of the output was lost; null where nothing was.</summary>
    public static string? LostOutput => _output?.Fault;

    /// <summary>Whether somebody watches: only then are there bars and colours.</summary>
    public static bool IsInteractive => !_isPlain && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Makes output to files and pipes plain: one line each, no colours.</summary>
    /// <remarks>A disk that fills up meanwhile costs lines, not results.</remarks>
    public static void Prepare()
    {
        if (!Console.IsOutputRedirected)
        {
            return;
        }

        _output = new TolerantWriter(Console.Out);
        Console.SetOut(_output);
        MakePlain();
    }

    /// <summary>Makes output plain from now on, even where it seems to go to a terminal.</summary>
    public static void MakePlain()
    {
        _isPlain = true;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        AnsiConsole.Profile.Capabilities.Links = false;
        AnsiConsole.Profile.Width = UnwrappedWidth;
    }
}
