using System.Text;
using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes <c>index.html</c> and the folder <c>viewer</c> beside it: a page that shows a slide with its mask over it, from disk, without a server.</summary>
/// <remarks>
/// Pages from disk may not read files, nor the pixels of pictures that they show. So all that the page must know is written into it, and each class is a layer of its own,
/// which can be switched without changing a pixel. Equal slides give equal bytes.
/// </remarks>
internal static class SlideViewer
{
    /// <summary>The page.</summary>
    public const string PageFile = "index.html";

    /// <summary>The folder of the page's files.</summary>
    public const string Folder = "viewer";

    private const string ResourceFolder = "Mlps.Slides.Viewer.";
    private const string DataMark = "/*DATA*/";

    private static readonly string[] _copied = ["openseadragon.min.js", "LICENSE-OpenSeadragon.txt"];

    /// <summary>Writes the page.</summary>
    /// <remarks>The folder <c>viewer</c> is complete or absent; the page comes last.</remarks>
    /// <param name="folder">The slide's folder.</param>
    /// <param name="pixels">The slide.</param>
    /// <param name="rows">Its mask.</param>
    /// <param name="slide">What they are of.</param>
    /// <param name="areas">Areas of the classes.</param>
    /// <param name="options">Size of pixels and quality; the defaults if null.</param>
    /// <param name="cancellation">Stops the writing; existing files are unchanged then.</param>
    public static void Write(
        string folder, ISlidePixels pixels, IMaskRows rows, SlideDescription slide, SlideAreas areas, ViewerOptions? options = null, CancellationToken cancellation = default)
    {
        options = (options ?? new ViewerOptions()).Checked();
        slide = slide.Checked();
        var target = Path.Combine(Path.GetFullPath(folder), Folder);
        var temporary = TemporaryName.Beside(target);
        try
        {
            Directory.CreateDirectory(temporary);
            foreach (var name in _copied)
            {
                File.WriteAllBytes(Path.Combine(temporary, name), Resource(name));
            }

            var slideLevels = PictureTiles.Write(Path.Combine(temporary, "slide"), pixels, slide, options, cancellation);
            var mask = MaskTiles.Write(temporary, rows, slide, Math.Max(options.MicronsPerPixel, slide.MicronsPerPixel), cancellation);
            var page = Encoding.UTF8.GetString(Resource(PageFile)).Replace(DataMark, Data(slide, areas, options, slideLevels, mask), StringComparison.Ordinal);
            Replace(target, temporary);
            AtomicFile.Write(Path.Combine(folder, PageFile), Encoding.UTF8.GetBytes(page));
        }
        finally
        {
            Delete(temporary);
        }
    }

    /// <summary>Puts a new folder in the place of an old one.</summary>
    private static void Replace(string target, string temporary)
    {
        if (Directory.Exists(target))
        {
            var old = TemporaryName.Beside(target);
            Directory.Move(target, old);
            Directory.Move(temporary, target);
            Delete(old);
        }
        else
        {
            Directory.Move(temporary, target);
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>What the page must know, as a JavaScript object; no text in it can end the script.</summary>
    private static string Data(SlideDescription slide, SlideAreas areas, ViewerOptions options, TileLevels slideLevels, MaskTiles mask)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", slide.Name);
            json.WriteNumber("micronsWide", slide.Width * slide.MicronsPerPixel);
            json.WriteNumber("micronsHigh", slide.Height * slide.MicronsPerPixel);
            json.WriteNumber("maskMicronsPerPixel", slide.MaskMicronsPerPixel);
            json.WriteNumber("tissueArea", areas.Tissue.SquareMillimetres);
            json.WriteNumber("opacity", options.Opacity);
            json.WriteNumber("tileSize", TileLevels.TileSize);
            WriteLevels(json, "slide", slideLevels);
            WriteLevels(json, "mask", mask.Levels);
            json.WriteNumber("maskWidth", mask.ShareOfWidth);
            json.WriteStartArray("classes");
            for (var index = 0; index < slide.Classes.Count; index++)
            {
                json.WriteStartObject();
                json.WriteString("name", slide.Classes[index].Name);
                json.WriteString("color", slide.Classes[index].Color.ToString());
                json.WriteNumber("area", areas.Classes[index].SquareMillimetres);
                json.WriteNumber("share", areas.Classes[index].ShareOfTissue ?? 0);
                json.WriteStartArray("tiles");
                foreach (var level in mask.Existing[index].ToBase64())
                {
                    json.WriteStringValue(level);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteLevels(Utf8JsonWriter json, string name, TileLevels levels)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", levels.Width);
        json.WriteNumber("height", levels.Height);
        json.WriteNumber("levels", levels.Count);
        json.WriteEndObject();
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(SlideViewer).Assembly.GetManifestResourceStream(ResourceFolder + name)
            ?? throw new InvalidOperationException($"'{name}' is missing from {typeof(SlideViewer).Assembly.GetName().Name}.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
