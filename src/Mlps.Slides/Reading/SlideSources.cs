using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Chooses the back end of a file.</summary>
internal static class SlideSources
{
    /// <summary>Opens a file by the back end of the options, or else by the first that takes it.</summary>
    /// <exception cref="SlideException">None takes it, or not the one that was named.</exception>
    public static SlideSource Open(string path, SlideOptions options)
    {
        RequireFile(path);
        return options.Backend switch
        {
            SlideBackend.OpenSlide => OpenByOpenSlide(OpenSlideLibrary.Instance ?? throw new SlideException(path, "The back end OpenSlide is requested, and its library cannot be found.", OpenSlideLibrary.Installation), path),
            SlideBackend.Tiff => OpenTiff(path),
            SlideBackend.Image => OpenImage(path, options),
            _ => Choose(path, options),
        };
    }

    private static SlideSource Choose(string path, SlideOptions options)
    {
        var signature = FileSignatures.Read(path);

        // The file of a MIRAX slide is a small JPEG, its thumbnail.
        if (signature is FileSignature.Image && !FileSignatures.NeedsOpenSlide(path))
        {
            return ImageSource.Open(path, options.MaximumImagePixels);
        }

        if (signature is FileSignature.Tiff)
        {
            TiffSource.CheckStructure(path);
        }

        SlideException? refusal = null;
        if (OpenSlideLibrary.Instance is { } library)
        {
            try
            {
                var slide = OpenSlideSource.Open(library, path);
                return slide.IsGeneric && signature is FileSignature.Tiff ? WithMoreLevels(slide, path) : slide;
            }
            catch (SlideException exception)
            {
                refusal = exception;
            }
        }

        if (signature is FileSignature.Tiff)
        {
            return TiffSource.Open(path);
        }

        if (FileSignatures.NeedsOpenSlide(path))
        {
            throw refusal ?? new SlideException(path, $"Files ending in {Path.GetExtension(path)} are read by OpenSlide, whose library cannot be found.", OpenSlideLibrary.Installation);
        }

        throw new SlideException(path, "The file is neither a slide nor an image of a known format.", "Slides of most scanners, TIFF, PNG, JPEG, BMP and WebP are read.", refusal);
    }

    /// <summary>Of a TIFF by no scanner, OpenSlide sees no levels that lie inside the first picture, as those of OME-TIFF do.</summary>
    private static SlideSource WithMoreLevels(OpenSlideSource slide, string path)
    {
        try
        {
            var tiff = TiffSource.Open(path);
            var (chosen, other) = tiff.Levels.Count > slide.Levels.Count ? ((SlideSource)tiff, (SlideSource)slide) : (slide, tiff);
            other.Dispose();
            return chosen;
        }
        catch (SlideException)
        {
            return slide;
        }
    }

    /// <summary>OpenSlide is C code, and damaged directories can end the process in it.</summary>
    private static OpenSlideSource OpenByOpenSlide(OpenSlideLibrary library, string path)
    {
        if (FileSignatures.Read(path) is FileSignature.Tiff)
        {
            TiffSource.CheckStructure(path);
        }

        return OpenSlideSource.Open(library, path);
    }

    private static TiffSource OpenTiff(string path) => FileSignatures.Read(path) is FileSignature.Tiff
        ? TiffSource.Open(path)
        : throw new SlideException(path, "The back end Tiff is requested, and the file is no TIFF.", "Leave the back end open.");

    private static ImageSource OpenImage(string path, SlideOptions options) => FileSignatures.Read(path) is FileSignature.Image
        ? ImageSource.Open(path, options.MaximumImagePixels)
        : throw new SlideException(path, "The back end Image is requested, and the file is no PNG, JPEG, BMP or WebP.", "Leave the back end open.");

    private static void RequireFile(string path)
    {
        switch (FileStatus.Read(path).Kind)
        {
            case FileKind.Regular:
                return;
            case FileKind.Folder:
                throw new SlideException(path, "This is a folder.", "Give a slide's file; SlideFolder.Find lists those in a folder.");
            case FileKind.Special:
                throw new SlideException(path, "This is a pipe, socket or device, and no file.", "Give a regular file.");
            case FileKind.Forbidden:
                throw new SlideException(path, "The file may not be read.", "Check its permissions.");
            default:
                throw new SlideException(path, "There is no such file.", "Check the name.");
        }
    }
}
