namespace Mlps.ML;

/// <summary>The formatters of this library's types, in the shape that .NET Interactive calls by reflection.</summary>
internal sealed class HtmlFormatterSource
{
    private readonly object[] _formatters = [new HtmlFormatter("text/html")];

    /// <summary>Objects with a property <c>MimeType</c> and a method <c>Format(object, TextWriter)</c>.</summary>
    public IEnumerable<object> CreateTypeFormatters() => _formatters;
}

/// <summary>Writes values that are <see cref="IHtml"/>.</summary>
internal sealed class HtmlFormatter(string mimeType)
{
    public string MimeType { get; } = mimeType;

    /// <summary>Writes a value, or returns false where it is of another type.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "Called by reflection on the object.")]
    public bool Format(object instance, TextWriter writer)
    {
        var html = (instance as IHtml)?.Draw();
        writer.Write(html);
        return html is not null;
    }
}
