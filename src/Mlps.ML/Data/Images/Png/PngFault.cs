namespace Mlps.ML.Png;

internal static class PngFault
{
    private const string Remedy = "Write or copy the file again; it was truncated or damaged, or is no PNG.";

    public static TissueDataException Create(string path, string rule, Exception? cause = null) => new(path, rule, Remedy, cause);
}
