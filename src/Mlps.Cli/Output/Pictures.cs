using Mlps.Cli.Terminal;

namespace Mlps.Cli.Output;

/// <summary>Pictures come after results and never cost them: what cannot be drawn is a warning.</summary>
internal static class Pictures
{
    /// <summary>Draws and writes a picture; where that fails, says which one is missing and why.</summary>
    /// <param name="path">The picture's file.</param>
    /// <param name="draw">Draws and writes it.</param>
    /// <returns>Whether it is there.</returns>
    /// <exception cref="OperationCanceledException">The user stopped the program meanwhile.</exception>
    public static bool Try(string path, Action draw)
    {
        try
        {
            draw();
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Say.Warning($"{Path.GetRelativePath(Environment.CurrentDirectory, path)} was not written: {exception.GetBaseException().Message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}. The results do not depend on it.");
            return false;
        }
    }
}
