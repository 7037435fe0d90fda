using Mlps.Torch;

namespace Mlps.ML;

/// <summary>Writes files that are complete or absent; errors name the file.</summary>
internal static class OutputFile
{
    /// <exception cref="IOException">The file cannot be written; the message names it and not the temporary file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var target = Path.GetFullPath(path);
        try
        {
            AtomicFile.Write(target, bytes);
        }
        catch (IOException exception)
        {
            // The code says whether the disk is full.
            throw new IOException(Message(target, exception), exception) { HResult = exception.HResult };
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException(Message(target, exception), exception);
        }
    }

    private static string Message(string target, Exception exception) => $"'{target}' cannot be written: {exception.Message}";
}
