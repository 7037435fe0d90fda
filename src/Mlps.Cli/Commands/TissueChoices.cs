using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary>The options of commands that look at tissue only: how it is told from glass, or which part it is.</summary>
internal sealed class TissueChoices
{
    private static readonly TissueMaskOptions _defaults = new();

    private readonly Option<int?> _saturation = new("--saturation") { Description = $"Tissue is more saturated than this, 0 to 255; lower for pale stains. Default: {_defaults.Saturation}." };

    private readonly Option<int?> _median = new("--median") { Description = $"Side of the window whose median saturation counts, in pixels of the small picture in which tissue is looked for; odd. Default: {_defaults.MedianSize}." };

    private readonly Option<int?> _closing = new("--closing") { Description = $"Side of the square by which gaps in tissue are closed, in pixels of that picture. Default: {_defaults.ClosingSize}." };

    private readonly Option<double?> _smallest = new("--smallest-tissue") { Description = $"Pieces of less than this squared are no tissue, in µm. Default: {Number(_defaults.SmallestObject)}." };

    private readonly Option<double?> _hole = new("--largest-hole") { Description = $"Holes of less than this squared are tissue, in µm. Default: {Number(_defaults.LargestHole)}." };

    private readonly Option<string?> _regions = new("--regions") { Description = "Take regions drawn in QuPath for tissue: a GeoJSON file, or a folder with one for each slide, named as its results or its file." };

    private readonly Option<string[]> _regionClasses = new("--region-classes") { Description = "Names of the classes whose regions count. Default: all but those that QuPath ignores, whose names end in *.", AllowMultipleArgumentsPerToken = true };

    private readonly Option<string?> _pictures = new("--tissue-mask") { Description = "Take what is not black in a picture of the whole slide for tissue: a file, or a folder with one for each slide, named as its results or its file." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_saturation, _median, _closing, _smallest, _hole, _regions, _regionClasses, _pictures])
        {
            command.Add(option);
        }

        command.Validators.Add(RefuseNumbersOfNoUse);
    }

    /// <summary>How tissue is told from glass.</summary>
    public TissueMaskOptions Options(ParseResult parsed) => _defaults with
    {
        Saturation = parsed.GetValue(_saturation) ?? _defaults.Saturation,
        MedianSize = parsed.GetValue(_median) ?? _defaults.MedianSize,
        ClosingSize = parsed.GetValue(_closing) ?? _defaults.ClosingSize,
        SmallestObject = parsed.GetValue(_smallest) ?? _defaults.SmallestObject,
        LargestHole = parsed.GetValue(_hole) ?? _defaults.LargestHole,
    };

    /// <summary>The tissue that the user says; null where it is found.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="slides">All slides, also those that other runs take.</param>
    /// <param name="isForOne">Whether only one of them is processed.</param>
    /// <exception cref="ArgumentException">It is said in two ways, or one file is given for several slides.</exception>
    public Func<Slide, TissueMask>? Finder(ParseResult parsed, IReadOnlyList<SlideItem> slides, bool isForOne = false) =>
        SlideTissue.Of(parsed.GetValue(_regions), parsed.GetValue(_regionClasses), parsed.GetValue(_pictures), slides, isForOne) is { } tissue ? tissue.Find : null;

    /// <summary>Numbers by which tissue is found change nothing where the user says which part it is.</summary>
    private void RefuseNumbersOfNoUse(CommandResult result)
    {
        Option[] numbers = [.. ((Option[])[_saturation, _median, _closing, _smallest, _hole]).Where(option => result.GetResult(option) is not null)];
        if (numbers.Length > 0 && ((Option[])[_regions, _pictures]).FirstOrDefault(option => result.GetResult(option) is not null) is { } where)
        {
            result.AddError($"{where.Name} says which part is tissue, so that {string.Join(", ", numbers.Select(option => option.Name))} would change nothing; leave one of the two out.");
        }
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
