namespace Mlps.Torch;

/// <summary>A file that appears complete or not at all: it is written to a temporary file beside the target, which is then renamed.</summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _target;

    /// <param name="path">The file to create or replace.</param>
    public AtomicFile(string path)
    {
        _target = Path.GetFullPath(path);
        TemporaryPath = TemporaryName.Beside(_target);
    }

    /// <summary>The file to write before <see cref="Commit"/>; it does not exist at first.</summary>
    public string TemporaryPath { get; }

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="content">All of it.</param>
    /// <param name="toDisk">As for <see cref="Commit"/>.</param>
    /// <exception cref="IOException">The file cannot be written; an existing one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; an existing one is unchanged.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool toDisk = false)
    {
        using var file = new AtomicFile(path);
        try
        {
            using (var stream = file.Create())
            {
                stream.Write(content);
            }

            file.Commit(toDisk);
        }
        catch (Exception exception) when (file.Named(exception) is { } named)
        {
            throw named;
        }
    }

    /// <summary>Writes a whole file, to the disk.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes all of it; the stream can seek.</param>
    /// <exception cref="IOException">The file cannot be written; an existing one is unchanged, and the message names the file.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; an existing one is unchanged.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        using var file = new AtomicFile(path);
        try
        {
            using (var stream = file.Create())
            {
                write(stream);
            }

            file.Commit();
        }
        catch (Exception exception) when (file.Named(exception) is { } named)
        {
            throw named;
        }
    }

    /// <summary>Checks that files can be written to a folder.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not.</exception>
    public static void CheckWritable(string folder)
    {
        var path = TemporaryName.Beside(Path.Combine(folder, "check"));
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        stream.WriteByte(0);
    }

    /// <summary>Creates the temporary file.</summary>
    /// <exception cref="IOException">It cannot be created; the message names the target.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created; the message names the target.</exception>
    public FileStream Create()
    {
        try
        {
            return new(TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
        catch (Exception exception) when (Named(exception) is { } named)
        {
            throw named;
        }
    }

    /// <summary>Gives the complete temporary file, which must be closed, the target's name.</summary>
    /// <param name="toDisk">Whether its content is written to the disk before, so that it is complete even where the power fails. That takes some milliseconds: too long for each of thousands of small files.</param>
    /// <exception cref="IOException">The target cannot be replaced; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">The target may not be replaced; the message names it.</exception>
    public void Commit(bool toDisk = true)
    {
        try
        {
            if (toDisk)
            {
                using var content = File.OpenHandle(TemporaryPath, FileMode.Open, FileAccess.Write);
                RandomAccess.FlushToDisk(content);
            }

            File.Move(TemporaryPath, _target, overwrite: true);
        }
        catch (Exception exception) when (Named(exception) is { } named)
        {
            throw named;
        }
    }

    /// <summary>A failure of the file system that names the target, where its message names the temporary file, which nobody knows; else null.</summary>
    public Exception? Named(Exception exception)
    {
        if (!exception.Message.Contains(TemporaryPath, StringComparison.Ordinal))
        {
            return null;
        }

        var message = exception.Message.Replace(TemporaryPath, _target, StringComparison.Ordinal);
        return exception switch
        {
            UnauthorizedAccessException => new UnauthorizedAccessException(message, exception),
            DirectoryNotFoundException => new DirectoryNotFoundException(message, exception),
            IOException => new IOException(message, exception) { HResult = exception.HResult },
            _ => null,
        };
    }

    /// <summary>Deletes the temporary file where it was not committed; a failure to delete it is ignored.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(TemporaryPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
