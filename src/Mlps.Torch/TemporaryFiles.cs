namespace Mlps.Torch;

/// <summary>The folder of temporary files, and what to do where it cannot be used.</summary>
internal static class TemporaryFiles
{
    /// <summary>The folder.</summary>
    public static string Folder => Path.GetTempPath();

    /// <summary>The environment variable that names another one.</summary>
    public static string Variable => OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";

    /// <summary>Throws when nothing can be written there.</summary>
    /// <param name="purpose">What needs the folder, to begin the message with.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Require(string purpose) => Require(purpose, Folder);

    /// <summary>Throws when nothing can be written to a folder that takes its place.</summary>
    /// <param name="purpose">What needs the folder, to begin the message with.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Require(string purpose, string folder)
    {
        try
        {
            AtomicFile.CheckWritable(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{purpose} needs the folder of temporary files, '{folder}': {exception.Message} Name another folder in the environment variable {Variable}.", exception);
        }
    }
}
