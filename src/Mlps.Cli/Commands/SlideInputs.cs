using System.CommandLine;
using Mlps.Cli.Terminal;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary>The options of commands that read slides, and the slides that they name.</summary>
internal sealed class SlideInputs
{
    private readonly Option<string[]> _slides = new("--slides")
    {
        Description = "Slides, and folders of slides: the formats of most scanners where OpenSlide is installed; TIFF, SVS, OME-TIFF, PNG, JPEG, BMP and WebP always.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<double?> _size = Positive("--slide-mpp", "Micrometres a full-resolution pixel of the slides, for those that do not say it, and against those that say it wrongly.");

    private readonly Option<FileInfo?> _sizes = new("--mpp-of") { Description = "A CSV file with the columns slide,mpp: micrometres a full-resolution pixel of single slides; they count before --slide-mpp." };

    private readonly Option<SlideBackend?> _backend = new("--backend") { Description = "What reads the slides: openslide, tiff or image. Default: OpenSlide where it is installed and takes the file, else managed code." };

    /// <summary>More names would scroll the rest away.</summary>
    private const int NamesShown = 10;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_slides);
        command.Add(_size);
        command.Add(_sizes);
        command.Add(_backend);
    }

    /// <summary>How the slides are opened.</summary>
    /// <exception cref="SlideException">The table of sizes cannot be read.</exception>
    public SlideOptions Options(ParseResult parsed) => new()
    {
        Backend = parsed.GetValue(_backend),
        MicronsPerPixel = parsed.GetValue(_size),
        MicronsPerPixelOf = Sizes(parsed),
    };

    /// <summary>The slides in the order in which they were named, each once and with a name of its own, and what else lies in the folders.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Where results are written, which is not searched.</param>
    /// <param name="stop">Stops the search.</param>
    /// <exception cref="SlideException">A folder or file is missing, there is no slide at all, or results would be written among the slides.</exception>
    public (IReadOnlyList<SlideItem> Slides, IReadOnlyList<NotASlide> Others) Find(ParseResult parsed, string output, CancellationToken stop)
    {
        var (folders, others) = (new List<SlideFolder>(), new List<NotASlide>());
        foreach (var path in parsed.GetRequiredValue(_slides))
        {
            var found = SlideFolder.Find(path, [output], stop);
            if (Path.TrimEndingDirectorySeparator(found.Path) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)))
            {
                throw new SlideException(found.Path, "Results would be written among the slides that are read from here.", "Give another folder with --output.");
            }

            folders.Add(found);
            others.AddRange(found.Others.Except(others));
        }

        var slides = SlideItem.Of(folders);
        if (slides.Count > 0 && Sizes(parsed) is { } sizes)
        {
            WarnOfStrangers(sizes, slides);
        }

        return slides.Count > 0 ? (slides, others) : throw new SlideException(
            string.Join(", ", parsed.GetRequiredValue(_slides)),
            others.Count == 0 ? "There is nothing in it." : $"There is no slide in it. {Path.GetFileName(Path.TrimEndingDirectorySeparator(others[0].Path))}: {others[0].Reason}{(others.Count > 1 ? $" And {others.Count - 1} more." : string.Empty)}",
            "Give slides, or folders of slides.");
    }

    private MppTable? Sizes(ParseResult parsed) => parsed.GetValue(_sizes) is { } table ? MppTable.Read(table.FullName) : null;

    /// <summary>Warns of names that were misspelt, or are of slides that another run has.</summary>
    private static void WarnOfStrangers(MppTable sizes, IReadOnlyList<SlideItem> slides)
    {
        if (sizes.NamesOfNone(slides.Select(slide => slide.Path)) is { Count: > 0 } names)
        {
            var more = names.Count > NamesShown ? $", and {names.Count - NamesShown} more" : string.Empty;
            Say.Warning($"{sizes.Path}: {names.Count} {(names.Count == 1 ? "name in it is" : "names in it are")} of none of the slides: {string.Join(", ", names.Take(NamesShown))}{more}. Where one of these slides is meant, correct the name: its size is not used.");
        }
    }

    /// <summary>A number above 0.</summary>
    public static Option<double?> Positive(string name, string description, bool isRequired = false)
    {
        var option = new Option<double?>(name) { Description = description, Required = isRequired };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } value && (!(value > 0) || !double.IsFinite(value)))
            {
                result.AddError($"{name} is {value}; it must be a number above 0.");
            }
        });
        return option;
    }
}
