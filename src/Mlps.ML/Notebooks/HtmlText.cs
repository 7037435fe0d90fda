using System.Net;

namespace Mlps.ML;

/// <summary>Text within HTML.</summary>
internal static class HtmlText
{
    /// <summary>The text with the characters replaced that HTML would read as markup.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
