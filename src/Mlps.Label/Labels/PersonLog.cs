using Mlps.ML;

namespace Mlps.Label;

/// <summary>The answers of one person, and the file that they are appended to.</summary>
/// <remarks>
/// The file only grows, one JSON object a line. An answer is on disk when <see cref="Append"/> returns. A line that a killed program left unfinished is passed over, and the next line says so. Not for several threads at once.
/// </remarks>
internal sealed class PersonLog : IDisposable
{
    /// <summary>How the files' names end.</summary>
    public const string Extension = ".jsonl";

    private const byte NewLine = (byte)'\n';

    private readonly TissueClasses _classes;
    private readonly List<Answer> _given = [];
    private readonly List<int> _standing = [];
    private readonly Dictionary<string, List<int>> _byPatch = new(NameForm.Comparer);
    private readonly List<string> _faults = [];
    private FileStream? _stream;

    /// <summary>Bytes that are whole lines; more than that in the file is torn.</summary>
    private long _whole;

    private bool _lacksNewLine;

    private PersonLog(string path, string name, TissueClasses classes) => (Path, Name, _classes) = (path, name, classes);

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>The person's name.</summary>
    public string Name { get; private set; }

    /// <summary>What was wrong with the file, one sentence for each fault.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many patches have an answer.</summary>
    public int Count => _byPatch.Count;

    /// <summary>The answers that count: the last one for each patch.</summary>
    public IEnumerable<Answer> Answers => _byPatch.Values.Select(answers => _given[answers[^1]]);

    /// <summary>The person's last answers that count, oldest first.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="isHere">Whether a patch is one that is looked at; answers for others are passed over.</param>
    public IEnumerable<Answer> Last(int count, Predicate<string> isHere) => _standing.AsEnumerable().Reverse().Select(number => _given[number]).Where(answer => isHere(answer.Patch)).Take(count).Reverse();

    /// <summary>The answer for a patch; null where there is none.</summary>
    public Answer? Find(string patch) => _byPatch.TryGetValue(patch, out var answers) ? _given[answers[^1]] : null;

    /// <summary>Starts a person's file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static PersonLog Create(string path, string name, TissueClasses classes)
    {
        var log = new PersonLog(path, name, classes);
        log.Write(LogRecord.OfPerson(name, DateTimeOffset.UtcNow));
        DurableFile.FlushNames(System.IO.Path.GetDirectoryName(path)!);
        return log;
    }

    /// <summary>Reads a person's file.</summary>
    /// <returns>The person's answers; null where the file holds not even a name, as when the program was killed in its first line.</returns>
    /// <exception cref="TissueDataException">The file cannot be read.</exception>
    public static PersonLog? Open(string path, TissueClasses classes)
    {
        byte[] bytes;
        try
        {
            FileStatus.RequireNotSpecial(path);
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"The labels cannot be read: {exception.Message}", "Check that the file may be read.", exception);
        }

        var log = new PersonLog(path, string.Empty, classes);
        log.Replay(bytes);
        return log.Name.Length > 0 ? log : null;
    }

    /// <summary>Writes an answer to the disk.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="seconds">How long it took; null where that is not known.</param>
    /// <exception cref="IOException">It is not on disk; the file is as it was, or ends with a torn line.</exception>
    public void Append(Answer answer, double? seconds = null)
    {
        Write(LogRecord.OfAnswer(answer, _classes, seconds));
        Take(answer);
    }

    /// <summary>Writes many answers to the disk, all at once.</summary>
    /// <exception cref="IOException">They are not on disk.</exception>
    public void Append(IReadOnlyCollection<Answer> answers)
    {
        Write([.. answers.SelectMany(answer => LogRecord.OfAnswer(answer, _classes, seconds: null))]);
        foreach (var answer in answers)
        {
            Take(answer);
        }
    }

    /// <summary>Takes back the last answer that counts, by one more line in the file; the answer before it for the same patch counts again.</summary>
    /// <param name="isHere">Whether a patch is one that is looked at; answers for others stay.</param>
    /// <returns>The answer; null where there is none, and then nothing is written.</returns>
    /// <exception cref="IOException">It is not on disk, and the answer still counts.</exception>
    public Answer? Undo(Predicate<string> isHere)
    {
        var place = _standing.FindLastIndex(given => isHere(_given[given].Patch));
        if (place < 0)
        {
            return null;
        }

        var number = _standing[place];
        Write(LogRecord.OfUndo(number + 1, DateTimeOffset.UtcNow));
        TakeBack(number);
        return _given[number];
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private void Replay(byte[] bytes)
    {
        var lines = new List<(int Start, int End)>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = Array.IndexOf(bytes, NewLine, start) is >= 0 and var end ? end - start : bytes.Length - start;
            if (length > 0)
            {
                lines.Add((start, start + length));
            }

            start += length + 1;
        }

        var records = lines.Select(line => Parsed(bytes.AsMemory(line.Start..line.End))).ToArray();
        for (var line = 0; line < records.Length; line++)
        {
            var isTorn = line + 1 < records.Length && records[line + 1].Record is { IsTorn: true };
            if (!isTorn && (records[line].Fault ?? Apply(records[line].Record!)) is { } fault)
            {
                var isLast = line == records.Length - 1 && bytes[^1] != NewLine;
                _faults.Add(isLast
                    ? $"{Path}: The last line was not finished, as when the program is killed while it writes; its {lines[line].End - lines[line].Start} bytes are left out."
                    : $"{Path}: Line {line + 1} is left out: {fault}");
                if (isLast)
                {
                    _whole = lines[line].Start;
                    return;
                }
            }
        }

        _whole = bytes.Length;
        _lacksNewLine = bytes.Length > 0 && bytes[^1] != NewLine;
    }

    private (LogRecord? Record, string? Fault) Parsed(ReadOnlyMemory<byte> line)
    {
        try
        {
            return (LogRecord.Read(line, _classes), null);
        }
        catch (FormatException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>What is wrong with a record; null where it counts.</summary>
    private string? Apply(LogRecord record)
    {
        if (record.Person is { } name)
        {
            Name = name;
        }
        else if (record.Answer is { } answer)
        {
            Take(answer);
        }
        else if (record.Undone is { } number && !(number >= 1 && _standing.Contains(number - 1)))
        {
            return $"There is no answer {number} to take back.";
        }
        else if (record.Undone is { } undone)
        {
            TakeBack(undone - 1);
        }

        return null;
    }

    private void Take(Answer answer)
    {
        if (!_byPatch.TryGetValue(answer.Patch, out var answers))
        {
            _byPatch[answer.Patch] = answers = [];
        }

        answers.Add(_given.Count);
        _standing.Add(_given.Count);
        _given.Add(answer);
    }

    private void TakeBack(int number)
    {
        var patch = _given[number].Patch;
        _byPatch[patch].Remove(number);
        if (_byPatch[patch].Count == 0)
        {
            _byPatch.Remove(patch);
        }

        _standing.RemoveAt(_standing.LastIndexOf(number));
    }

    private void Write(byte[] line)
    {
        _stream ??= new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _stream.Seek(0, SeekOrigin.End);
        byte[] before = _stream.Length > _whole ? [NewLine, .. LogRecord.OfTorn(_stream.Length - _whole)] : _lacksNewLine ? [NewLine] : [];
        _stream.Write([.. before, .. line]);
        _stream.Flush(flushToDisk: true);
        (_whole, _lacksNewLine) = (_stream.Length, false);
    }
}
