using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>Files that are there whole or not at all.</summary>
internal static class AtomicOutput
{
    public static void Write(string path, byte[] bytes)
    {
        var temporary = TemporaryIn(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            DeleteIfPossible(temporary);
            throw new TissueDataException(path, $"The file cannot be written: {exception.Message}", "Check that there is space and that the folder may be written.", exception);
        }
    }

    public static void WriteText(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Finds out whether files can be written to a folder.</summary>
    /// <exception cref="TissueDataException">They cannot.</exception>
    public static void RequireWritable(string folder)
    {
        try
        {
            using var file = new FileStream(TemporaryIn(folder), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            file.WriteByte(0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(folder, $"Nothing can be written there: {exception.Message}", "Check that there is space and that the folder may be written, or give another with --output.", exception);
        }
    }

    /// <summary>Hidden, and short however long the names of what is written are.</summary>
    private static string TemporaryIn(string folder) => Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");

    private static void DeleteIfPossible(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
