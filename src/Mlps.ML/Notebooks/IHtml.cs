namespace Mlps.ML;

/// <summary>A value that notebooks show as HTML.</summary>
internal interface IHtml
{
    /// <summary>The value as a piece of HTML that stands by itself.</summary>
    string Draw();
}
