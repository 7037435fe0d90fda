using Mlps.Torch;

namespace Mlps.ML;

/// <summary>Files that are complete or absent: written to a temporary name in the same folder, then renamed.</summary>
internal static class AtomicFile
{
    /// <exception cref="IOException">The file cannot be written; the message names it and not the temporary file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var target = Path.GetFullPath(path);
        var temporary = TemporaryName.Beside(target);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(bytes);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (IOException exception)
        {
            Delete(temporary);

            // The code says whether the disk is full.
            throw new IOException(Message(target, exception), exception) { HResult = exception.HResult };
        }
        catch (UnauthorizedAccessException exception)
        {
            Delete(temporary);
            throw new UnauthorizedAccessException(Message(target, exception), exception);
        }
    }

    private static string Message(string target, Exception exception) => $"'{target}' cannot be written: {exception.Message}";

    /// <summary>Deletes what there is of a file; what stands in the way of that is no news to who could not write it.</summary>
    private static void Delete(string path)
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
