using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Mlps.Notebook.Host.Format;

namespace Mlps.Notebook.Host.Execution;

/// <summary>
/// Values by MIME type. Types say themselves how they are to be shown, by an attribute that is known by its name alone, as in .NET Interactive; all others are shown as text.
/// </summary>
internal static class ValueFormat
{
    private const string HtmlType = "text/html";
    private const string TextType = "text/plain";

    public static JsonObject Format(object? value)
    {
        var (type, text) = value is Html html ? (HtmlType, html.Text) : FromFormatter(value) ?? (TextType, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null");
        return new JsonObject { [type] = Lines.Split(text) };
    }

    private static (string Type, string Text)? FromFormatter(object? value)
    {
        var attribute = value?.GetType().GetCustomAttributes(inherit: true).FirstOrDefault(attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");
        if (attribute is null)
        {
            return null;
        }

        var sourceType = (Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!;
        var source = Activator.CreateInstance(sourceType)!;
        foreach (var formatter in (IEnumerable)sourceType.GetMethod("CreateTypeFormatters")!.Invoke(source, null)!)
        {
            using var writer = new StringWriter(CultureInfo.InvariantCulture);
            if (formatter.GetType().GetMethod("Format")!.Invoke(formatter, [value, writer]) is true)
            {
                return ((string)formatter.GetType().GetProperty("MimeType")!.GetValue(formatter)!, writer.ToString());
            }
        }

        return null;
    }
}
