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
    /// <exception cref="IOException">The file cannot be written; an existing one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; an existing one is unchanged.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new AtomicFile(path);
        using (var stream = file.Create())
        {
            stream.Write(content);
        }

        file.Commit();
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
    public FileStream Create() => new(TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None);

    /// <summary>Gives the complete temporary file, which must be closed, the target's name.</summary>
    public void Commit() => File.Move(TemporaryPath, _target, overwrite: true);

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
