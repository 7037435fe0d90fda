using Mlps.Cli.Terminal;

namespace Mlps.Cli.Output;

/// <summary>Images that could not be predicted, and why.</summary>
internal sealed class FailedImages
{
    /// <summary>More would scroll the summary away; the file has all.</summary>
    private const int Shown = 20;

    /// <summary>What stands in .NET for bytes that are no UTF-8, by which such a file cannot be found again.</summary>
    private const char Replaced = '\uFFFD';

    private readonly List<(ImageItem Image, string Reason)> _images = [];

    public int Count => _images.Count;

    public void Add(ImageItem image, Exception exception) =>
        _images.Add((image, Reason(exception) + (image.Path.Contains(Replaced) ? " The file's name is not UTF-8: rename it." : string.Empty)));

    /// <summary>Writes <c>failed.csv</c>, or takes away the one of an earlier run where nothing failed.</summary>
    public void Save(string path)
    {
        if (_images.Count == 0)
        {
            File.Delete(path);
            return;
        }

        AtomicOutput.WriteText(path, string.Concat(_images.Select(failed => CsvText.Line([failed.Image.Name, failed.Image.Path, failed.Reason])).Prepend(CsvText.Line(["image", "path", "reason"]))));
    }

    /// <summary>Names the images on the console.</summary>
    public void Show()
    {
        foreach (var (image, reason) in _images.Take(Shown))
        {
            Say.Warning($"{image.Name}: {reason}");
        }

        if (_images.Count > Shown)
        {
            Say.Warning($"and {_images.Count - Shown} more");
        }
    }

    /// <summary>The cause that says most: the outermost that names a file or row.</summary>
    private static string Reason(Exception exception) => exception is AggregateException { InnerExceptions: [var single] } ? Reason(single) : exception.Message;
}
