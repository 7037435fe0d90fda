using Mlps.ML;

namespace Mlps.Label;

/// <summary>The labels of a folder of patches: a file for each person, and the classes that they chose from.</summary>
/// <remarks>One process at a time has the folder. For several threads.</remarks>
internal sealed class LabelFolder : IDisposable
{
    /// <summary>The tissues, as in a dataset's dataset.json.</summary>
    public const string ClassesName = "classes.json";

    /// <summary>The most tissues: an answer's are bits of a number.</summary>
    public const int MostClasses = 30;

    private const string LockName = "in-use.lock";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, PersonLog> _people = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly FileStream _inUse;

    private LabelFolder(string folder, TissueClasses classes, FileStream inUse) => (Folder, Classes, _inUse) = (folder, classes, inUse);

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>The tissues.</summary>
    public TissueClasses Classes { get; }

    /// <summary>What was wrong with the files when they were read, one sentence for each fault.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The people who have labelled, by their names.</summary>
    public IReadOnlyList<string> People
    {
        get
        {
            lock (_lock)
            {
                return [.. _people.Values.Select(log => log.Name)];
            }
        }
    }

    /// <summary>Opens the labels of a folder, or starts them.</summary>
    /// <param name="folder">Where labels are stored; created where it does not exist.</param>
    /// <param name="classes">The tissues, with their colours and background.</param>
    /// <exception cref="TissueDataException">Another process has the folder, it has other tissues, or a file cannot be read or written.</exception>
    public static LabelFolder Open(string folder, TissueClasses classes) => Open(folder, new TissueChoice(classes, HasColors: true, HasBackground: true));

    /// <summary>Opens the labels of a folder, or starts them; colours and background that are not given stay as they are stored.</summary>
    /// <param name="folder">Where labels are stored; created where it does not exist.</param>
    /// <param name="tissues">The tissues; null for those that the folder has.</param>
    /// <exception cref="TissueDataException">Another process has the folder, it has other tissues or none, or a file cannot be read or written.</exception>
    public static LabelFolder Open(string folder, TissueChoice? tissues)
    {
        var full = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(full);
            var inUse = Claim(full);
            try
            {
                var labels = new LabelFolder(full, StoredTissues.Settle(full, tissues), inUse);
                labels.Read();
                return labels;
            }
            catch
            {
                inUse.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(full, $"Labels cannot be stored there: {exception.Message}", "Give another folder with --labels.", exception);
        }
    }

    /// <summary>A person's name as it was given first; as it is given now where nothing is stored yet.</summary>
    public string NameOf(string person)
    {
        lock (_lock)
        {
            return Log(person)?.Name ?? person;
        }
    }

    /// <summary>How many patches a person has answered.</summary>
    public int Count(string person)
    {
        lock (_lock)
        {
            return Log(person)?.Count ?? 0;
        }
    }

    /// <summary>A person's answer for a patch; null where there is none.</summary>
    public Answer? Find(string person, string patch)
    {
        lock (_lock)
        {
            return Log(person)?.Find(patch);
        }
    }

    /// <summary>A person's last answers that count, oldest first.</summary>
    /// <param name="person">The person.</param>
    /// <param name="count">How many, at most.</param>
    /// <param name="isHere">Whether a patch is one that is looked at: the labels may be of other folders' patches too.</param>
    public IReadOnlyList<Answer> Last(string person, int count, Predicate<string> isHere)
    {
        lock (_lock)
        {
            return [.. Log(person)?.Last(count, isHere) ?? []];
        }
    }

    /// <summary>Everybody's answers that count, person by person.</summary>
    public IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> All()
    {
        lock (_lock)
        {
            return [.. _people.Values.Select(log => (log.Name, (IReadOnlyList<Answer>)[.. log.Answers]))];
        }
    }

    /// <summary>Stores an answer; it is on disk when this returns.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Append(string person, Answer answer, double? seconds = null)
    {
        lock (_lock)
        {
            LogOrNew(person).Append(answer, seconds);
        }
    }

    /// <summary>Stores many answers.</summary>
    /// <exception cref="IOException">They are not on disk.</exception>
    public void Append(string person, IReadOnlyCollection<Answer> answers)
    {
        lock (_lock)
        {
            LogOrNew(person).Append(answers);
        }
    }

    /// <summary>Starts a person's file where there is none yet, and gives the name as it was given first.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Introduce(string person)
    {
        lock (_lock)
        {
            return LogOrNew(person).Name;
        }
    }

    /// <summary>Takes back a person's last answer that counts; null where there is none, and then nothing is written.</summary>
    /// <param name="person">The person.</param>
    /// <param name="isHere">Whether a patch is one that is looked at: nobody should take back what the page cannot show.</param>
    /// <exception cref="IOException">That is not on disk, and the answer still counts.</exception>
    public Answer? Undo(string person, Predicate<string> isHere)
    {
        lock (_lock)
        {
            return Log(person)?.Undo(isHere);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var log in _people.Values)
            {
                log.Dispose();
            }
        }

        _inUse.Dispose();
    }

    private static FileStream Claim(string folder)
    {
        var path = Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new TissueDataException(folder, "Another mlps label has these labels open.", "Stop it first, or use its page: several people can label at the same one.", exception);
        }
    }

    private void Read()
    {
        foreach (var path in Directory.GetFiles(Folder, "*" + PersonLog.Extension).Order(StringComparer.Ordinal))
        {
            if (PersonLog.Open(path, Classes) is not { } log)
            {
                _faults.Add($"{path}: The file names no person and is left out.");
                continue;
            }

            _faults.AddRange(log.Faults);
            if (!_people.TryAdd(PersonName.Key(log.Name), log))
            {
                log.Dispose();
                _faults.Add($"{path}: It is of {log.Name}, as is {Path.GetFileName(_people[PersonName.Key(log.Name)].Path)}; it is left out.");
            }
        }
    }

    private PersonLog? Log(string person) => _people.GetValueOrDefault(PersonName.Key(person));

    private PersonLog LogOrNew(string person)
    {
        if (Log(person) is { } log)
        {
            return log;
        }

        var name = PersonName.Checked(person);
        return _people[PersonName.Key(name)] = PersonLog.Create(FreePath(name), name, Classes);
    }

    /// <summary>A path that no file has: one that names nobody may be in the way.</summary>
    private string FreePath(string name)
    {
        var path = Path.Combine(Folder, PersonName.FileName(name));
        for (var number = 2; File.Exists(path); number++)
        {
            path = Path.Combine(Folder, $"{Path.GetFileNameWithoutExtension(PersonName.FileName(name))}-{number}{PersonLog.Extension}");
        }

        return path;
    }
}
