namespace Mlps.Cli.Training;

/// <summary>A folder of this process's own in that of temporary files, for the parts of models that ML.NET unpacks and packs.</summary>
/// <remarks>A file in it is locked while the process lives. A folder whose file can be locked is that of a process that was killed, and is removed.</remarks>
internal sealed class WorkFolder : IDisposable
{
    private const string Prefix = "mlps-work-";
    private const string LockName = "lock";

    private readonly FileStream _lock;

    /// <param name="parent">The folder to make it in; what killed processes left there is removed.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public WorkFolder(string parent)
    {
        RemoveLeft(parent);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, Prefix + Guid.NewGuid().ToString("N"))).FullName;
        _lock = new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        _lock.Dispose();
        Remove(Path);
    }

    private static void RemoveLeft(string parent)
    {
        foreach (var folder in Directory.GetDirectories(parent, Prefix + "*"))
        {
            try
            {
                // Throws where the file is locked, or not there yet.
                using (new FileStream(System.IO.Path.Combine(folder, LockName), FileMode.Open, FileAccess.Write, FileShare.None))
                {
                }

                Remove(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
