using System.Text.Json.Nodes;

namespace Mlps.Notebook.Host.Format;

/// <summary>Text as notebooks keep it: an array of lines, each with its line break.</summary>
internal static class Lines
{
    public static JsonArray Split(string text)
    {
        var lines = new JsonArray();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }
}
