using System.Text.Encodings.Web;
using System.Text.Json;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>A line of a person's file.</summary>
/// <param name="Person">The person's name, in the first line.</param>
/// <param name="Answer">An answer.</param>
/// <param name="Undone">The number of the answer, counted from 1 within the file, that no longer counts.</param>
/// <param name="IsTorn">Whether the line before this one was not written whole.</param>
internal sealed record LogRecord(string? Person, Answer? Answer, int? Undone, bool IsTorn)
{
    private const string PersonKey = "person", PatchKey = "patch", TissuesKey = "tissues", CannotSayKey = "cannotSay", AtKey = "at", SecondsKey = "seconds", UndoKey = "undo", TornKey = "torn";

    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line.</summary>
    public static byte[] OfPerson(string name, DateTimeOffset at) => Line(json =>
    {
        json.WriteString(PersonKey, name);
        json.WriteString(AtKey, at);
    });

    /// <summary>An answer.</summary>
    public static byte[] OfAnswer(Answer answer, TissueClasses classes, double? seconds) => Line(json =>
    {
        json.WriteString(PatchKey, answer.Patch);
        if (answer.Tissues is null)
        {
            json.WriteBoolean(CannotSayKey, true);
        }
        else
        {
            json.WriteStartArray(TissuesKey);
            for (var tissue = 0; tissue < classes.Count; tissue++)
            {
                if (answer.Has(tissue))
                {
                    json.WriteStringValue(classes[tissue].Name);
                }
            }

            json.WriteEndArray();
        }

        json.WriteString(AtKey, answer.At);
        if (seconds is { } taken)
        {
            json.WriteNumber(SecondsKey, Math.Round(taken, 2));
        }
    });

    /// <summary>That an answer no longer counts.</summary>
    public static byte[] OfUndo(int number, DateTimeOffset at) => Line(json =>
    {
        json.WriteNumber(UndoKey, number);
        json.WriteString(AtKey, at);
    });

    /// <summary>That the line before was not written whole.</summary>
    public static byte[] OfTorn(long bytes) => Line(json => json.WriteNumber(TornKey, bytes));

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is none that this program wrote.</exception>
    public static LogRecord Read(ReadOnlyMemory<byte> line, TissueClasses classes)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return root.ValueKind is not JsonValueKind.Object ? throw new FormatException("The line is no JSON object.")
                : root.TryGetProperty(TornKey, out _) ? new LogRecord(null, null, null, IsTorn: true)
                : root.TryGetProperty(UndoKey, out var undo) ? new LogRecord(null, null, undo.GetInt32(), IsTorn: false)
                : root.TryGetProperty(PersonKey, out var person) ? new LogRecord(PersonName.Checked(person.GetString() ?? string.Empty), null, null, IsTorn: false)
                : new LogRecord(null, ReadAnswer(root, classes), null, IsTorn: false);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw new FormatException("The line is no record of labels.", exception);
        }
    }

    private static Answer ReadAnswer(JsonElement root, TissueClasses classes)
    {
        var patch = root.GetProperty(PatchKey).GetString() ?? throw new FormatException($"'{PatchKey}' is null.");
        var at = root.GetProperty(AtKey).GetDateTimeOffset();
        if (root.TryGetProperty(CannotSayKey, out var cannotSay) && cannotSay.GetBoolean())
        {
            return new Answer(patch, null, at);
        }

        var tissues = 0u;
        foreach (var name in root.GetProperty(TissuesKey).EnumerateArray())
        {
            var place = TissueList.PlaceOf(classes, name.GetString() ?? string.Empty);
            tissues |= place >= 0 ? 1u << place : throw new FormatException($"The tissue '{name}' is not among {classes}.");
        }

        return new Answer(patch, tissues, at);
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _relaxed))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
