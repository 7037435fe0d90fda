using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary><c>slides</c>: segments whole slides.</summary>
internal static class SlidesCommand
{
    /// <summary>A batch of tiles of a large network takes longer on a CPU, and a killed run goes on as a stopped one does.</summary>
    private static readonly TimeSpan _longestStop = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var model = CommonOptions.Model();
        var inputs = new SlideInputs();
        var tissue = new TissueChoices();
        var output = CommonOptions.Output("slides");
        var modelMpp = SlideInputs.Positive("--model-mpp", "Micrometres a pixel of the patches that the model was trained on. Default: what the model remembers (train --mpp).");
        var tileSize = CommonOptions.Count("--tile-size", "Side of the tiles in the model's pixels; they overlap by half. Default: 512.", lowest: 32);
        var views = CommonOptions.Views();
        var precision = CommonOptions.InPrecision();
        var smallest = new Option<double?>("--smallest-polygon") { Description = "Regions of less than this are no polygons of their own, in µm². Default: 100." };
        var noCrop = new Option<bool>("--no-crop") { Description = "Count the annotations' coordinates from the corner of the whole scan, for programs that do not crop slides to their bounds as QuPath does." };
        var noPage = new Option<bool>("--no-page") { Description = "Write no index.html, which takes most of the disk." };
        var asap = new Option<bool>("--asap") { Description = "Write the annotations for ASAP too." };
        var store = new Option<bool>("--annotation-store") { Description = "Write the annotations for TIAToolbox too; needs the system's SQLite." };
        var csvTiles = new Option<bool>("--csv-tiles") { Description = "Write the mean probability of each class in each tile too, as tiles.csv with the columns of WSInfer." };
        var shard = ShardOption();
        var only = new Option<string?>("--only") { Description = "Segment one slide only: that of this name, as mlps cohort list gives it. For engines that start a job for each slide; otherwise as --shard." };
        var command = new Command("slides", "Segments whole slides: masks, annotations for QuPath, areas, pictures, and a page to look at each.")
        {
            model, output, modelMpp, tileSize, views, precision, smallest, noCrop, noPage, asap, store, csvTiles, shard, only,
        };
        inputs.AddTo(command);
        tissue.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(shard) is not null && result.GetResult(only) is not null)
            {
                result.AddError("Give --shard or --only, not both.");
            }
        });
        command.SetAction((parsed, stop) =>
        {
            using var limit = new StopLimit(_longestStop, EndAtOnce, stop);
            var ml = Context.Create();
            var modelPath = parsed.GetRequiredValue(model).FullName;
            using var trained = ModelFile.Load(ml, modelPath);
            var folder = parsed.GetRequiredValue(output).FullName;
            var (slides, others) = inputs.Find(parsed, folder, stop);
            var asked = trained.Segmenter.Segmentation;
            var defaults = new SlideSegmentationOptions();
            var options = defaults with
            {
                ModelMicronsPerPixel = parsed.GetValue(modelMpp),
                TileSize = parsed.GetValue(tileSize) ?? defaults.TileSize,
                Segmentation = asked with { Views = parsed.GetValue(views) ?? asked.Views, Precision = parsed.GetValue(precision) ?? asked.Precision },
                Tissue = tissue.Options(parsed),
                FindTissue = tissue.Finder(parsed, slides, isForOne: parsed.GetValue(only) is not null),
                SmallestPolygon = parsed.GetValue(smallest) ?? defaults.SmallestPolygon,
                NoCrop = parsed.GetValue(noCrop),
                WritePage = !parsed.GetValue(noPage),
                WriteAsap = parsed.GetValue(asap),
                WriteAnnotationStore = parsed.GetValue(store),
                WriteTiles = parsed.GetValue(csvTiles),
                WriteSummary = parsed.GetValue(shard) is null && parsed.GetValue(only) is null,
            };
            var slideOptions = inputs.Options(parsed);
            var segmenter = new SlideSegmenter(ml, trained.Chain, ModelFile.Sha256(modelPath), options);
            var part = parsed.GetValue(only) is { } name ? [Named(slides, name)] : parsed.GetValue(shard)?.Of(slides);
            if (parsed.GetValue(shard) is { } number)
            {
                Say.Line($"Part {number}: {part!.Count} {(part.Count == 1 ? "slide" : "slides")}");
            }

            var isWhole = new SlideSegmenting(segmenter, slideOptions, folder).Run(slides, others, part, stop);
            return Task.FromResult(isWhole ? ExitCode.Success : ExitCode.SomeFailed);
        });
        return command;
    }

    private static void EndAtOnce()
    {
        try
        {
            Console.Error.WriteLine("Stopped.");
        }
        catch (IOException)
        {
            // Whoever read it has gone, as when a terminal is closed.
        }

        ProcessEnd.Now(ExitCode.Interrupted);
    }

    /// <exception cref="SlideException">There is no slide of this name.</exception>
    private static SlideItem Named(IReadOnlyList<SlideItem> slides, string name) => slides.FirstOrDefault(slide => slide.Name == name)
        ?? throw new SlideException($"There is no slide named '{name}' among {slides.Count}. Names are paths below the folder of slides, without extension, with '-' between folders; mlps cohort list writes them to {SlideCohort.ListFile}.");

    /// <summary>Which part of the slides; null for all.</summary>
    private static Option<SlideShard?> ShardOption() => new("--shard")
    {
        Description = "Segment one part of the slides only, as I/N with I from 0 to N − 1; 'slurm' takes the numbers of a Slurm job array. All parts write into one folder, which mlps cohort summarize sums up.",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            try
            {
                return text == "slurm" ? SlideShard.FromSlurm() : SlideShard.Parse(text);
            }
            catch (FormatException exception)
            {
                result.AddError(exception.Message);
                return null;
            }
        },
    };
}
