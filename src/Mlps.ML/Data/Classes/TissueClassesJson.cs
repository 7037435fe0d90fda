using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>The JSON form of tissue classes, shared by dataset.json and saved models.</summary>
internal static class TissueClassesJson
{
    private const string NameKey = "name";
    private const string ColorKey = "color";
    private const string ClassesKey = "classes";
    private const string BackgroundKey = "background";
    private const string SourcePatternKey = "sourcePattern";
    private const string MicronsPerPixelKey = "micronsPerPixel";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    /// <summary>Writes an object of an optional name, the classes, and the background or null.</summary>
    public static string Write(TissueClasses classes, string? name = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (name is not null)
            {
                json.WriteString(NameKey, name);
            }

            json.WriteStartArray(ClassesKey);
            foreach (var tissue in classes)
            {
                WriteClass(json, tissue);
            }

            json.WriteEndArray();
            json.WritePropertyName(BackgroundKey);
            if (classes.Background is { } background)
            {
                WriteClass(json, background);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Reads what <see cref="Write"/> writes; a missing background is none, keys of other names are passed over.</summary>
    /// <exception cref="FormatException">The text is no JSON or not of that form.</exception>
    public static (TissueClasses Classes, string? Name, string? SourcePattern, double? MicronsPerPixel) Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            var root = document.RootElement;
            Expect(root, JsonValueKind.Object, "the document");
            if (!root.TryGetProperty(ClassesKey, out var list))
            {
                throw new FormatException($"'{ClassesKey}' is missing.");
            }

            Expect(list, JsonValueKind.Array, $"'{ClassesKey}'");
            var classes = list.EnumerateArray().Select((element, index) => ReadClass(element, $"'{ClassesKey}[{index}]'")).ToList();
            var background = root.TryGetProperty(BackgroundKey, out var element) && element.ValueKind != JsonValueKind.Null
                ? ReadClass(element, $"'{BackgroundKey}'")
                : null;
            return (new TissueClasses(classes, background), ReadOptionalText(root, NameKey), ReadOptionalText(root, SourcePatternKey), ReadMicronsPerPixel(root));
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The text is no JSON: {ShortText.OfMessage(exception.Message)}", exception);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private static void WriteClass(Utf8JsonWriter json, TissueClass tissue)
    {
        json.WriteStartObject();
        json.WriteString(NameKey, tissue.Name);
        json.WriteString(ColorKey, tissue.Color.ToString());
        json.WriteEndObject();
    }

    private static TissueClass ReadClass(JsonElement element, string where)
    {
        Expect(element, JsonValueKind.Object, where);
        var name = ReadText(element, NameKey, where);
        try
        {
            return new TissueClass(name, TissueColor.Parse(ReadText(element, ColorKey, where)));
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{where}: {exception.Message}", exception);
        }
    }

    private static string ReadText(JsonElement element, string key, string where) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? Text(value, key, where)
            : throw new FormatException($"{where} needs '{key}', a text.");

    private static string? ReadOptionalText(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && (key != SourcePatternKey || value.ValueKind != JsonValueKind.Null) ? ReadText(root, key, "the document") : null;

    private static double? ReadMicronsPerPixel(JsonElement root) =>
        !root.TryGetProperty(MicronsPerPixelKey, out var value) || value.ValueKind is JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var microns) && microns is > 0 and < double.PositiveInfinity ? microns
        : throw new FormatException($"'{MicronsPerPixelKey}' must be a number above 0, the patches' µm a pixel, or null; it is {ShortText.Of(value.GetRawText())}.");

    private static string Text(JsonElement value, string key, string where)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException($"{where}: '{key}' is no valid text: half of a pair of \\u escapes is missing.", exception);
        }
    }

    private static void Expect(JsonElement element, JsonValueKind kind, string where)
    {
        if (element.ValueKind != kind)
        {
            throw new FormatException($"{where} must be of JSON kind {kind}; it is {element.ValueKind}.");
        }
    }
}
