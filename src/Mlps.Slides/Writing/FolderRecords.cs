using System.Diagnostics;

namespace Mlps.Slides;

/// <summary>The records of all slides whose results lie in a folder, from which its tables are written while a run goes on.</summary>
/// <remarks>The folder is read once, at the start. Tables of thousands of slides take a while, so that they are written at most once in an interval, and at the end.</remarks>
internal sealed class FolderRecords
{
    private readonly string _folder;
    private readonly TimeSpan _interval;
    private readonly SortedDictionary<string, SlideRecord> _records = new(StringComparer.Ordinal);
    private long? _written;
    private bool _isChanged;

    private FolderRecords(string folder, TimeSpan interval) => (_folder, _interval) = (folder, interval);

    /// <summary>How often tables are written at most.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the records of slides that are finished with all their files, were skipped, or failed.</summary>
    /// <param name="folder">The folder of all results, which exists.</param>
    /// <param name="interval">How often tables are written at most; <see cref="Interval"/> but for tests.</param>
    /// <param name="cancellation">Stops between two slides.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FolderRecords Read(string folder, TimeSpan interval, CancellationToken cancellation = default)
    {
        var records = new FolderRecords(folder, interval);
        foreach (var slide in Directory.EnumerateDirectories(folder))
        {
            cancellation.ThrowIfCancellationRequested();
            if (SlideRecord.Read(Path.Combine(slide, SlideRecord.FileName)) is { } record && (record.State is not SlideState.Finished || record.IsWhole(slide)))
            {
                var name = Path.GetFileName(slide);
                records._records[name] = record with { Name = name };
            }
        }

        return records;
    }

    /// <summary>Takes a slide's new record in the place of its old one, and writes the tables where that is due.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Add(SlideRecord record)
    {
        _records[record.Name] = record;
        _isChanged = true;
        if (_written is not { } written || Stopwatch.GetElapsedTime(written) >= _interval)
        {
            Write();
        }
    }

    /// <summary>Writes the tables where a slide has changed since.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write()
    {
        if (_isChanged)
        {
            FolderSummary.Write(_folder, [.. _records.Values]);
            _written = Stopwatch.GetTimestamp();
            _isChanged = false;
        }
    }

    /// <summary>Writes the tables at the end of a run that something else ended, whose failure counts and not that of the tables.</summary>
    /// <param name="name">The slide at which it ended: where its results were being made anew, the old ones are gone.</param>
    public void WriteStopped(string name)
    {
        if (!File.Exists(Path.Combine(_folder, name, SlideRecord.FileName)))
        {
            _isChanged |= _records.Remove(name);
        }

        try
        {
            Write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
