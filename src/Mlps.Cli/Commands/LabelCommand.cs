using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Mlps.Cli.Output;
using Mlps.Label;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary><c>label</c>: a web page on which patches are labelled.</summary>
internal static class LabelCommand
{
    private const string Name = "label";
    private const int DefaultCandidates = 2000;
    private const int DefaultMasks = 30;

    /// <summary>Whether a command line is of this command, which needs libtorch only where it has a model.</summary>
    public static bool IsChosen(ParseResult parsed) => parsed.CommandResult.Command.Name == Name;

    public static Command Create()
    {
        var patches = new Option<DirectoryInfo>("--patches") { Description = "The folder of patches: PNG, JPEG, BMP or WebP, such as mlps patches cuts.", Required = true };
        var labels = new Option<DirectoryInfo?>("--labels") { Description = "Where labels are stored. Default: the folder labels among the patches." };
        var tissues = new Option<string?>("--classes") { Description = "The tissues, with commas between them: tumor,stroma,lymphocyte. Needed at the first start; later starts know them, with their colours and background." };
        var colors = new Option<string?>("--colors") { Description = "A colour for each tissue: #CD3333,#4169E1,#3CB371. Default: colours that differ well." };
        var background = new Option<string?>("--background") { Description = "What white background is called in masks, where patches show bare glass. Default: there is none." };
        var sources = new Option<string?>("--source-pattern") { Description = "How paths tell of slides: a regular expression with a group named source, such as '^(?<source>[^/]+)/'. Default: by the names that common tools give to patches." };
        var port = new Option<int>("--port") { Description = "The port of the page; 0 for one that is free.", DefaultValueFactory = _ => 0 };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > IPEndPoint.MaxPort)
            {
                result.AddError($"--port must be from 0 to {IPEndPoint.MaxPort}.");
            }
        });
        var listen = new Option<IPAddress>("--listen")
        {
            Description = "The address that the page is served at. Default: 127.0.0.1, which only this machine reaches. Any other lets other machines in, unencrypted.",
            DefaultValueFactory = _ => IPAddress.Loopback,
            CustomParser = result =>
            {
                if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
                {
                    return address;
                }

                result.AddError($"--listen '{result.Tokens[0].Value}' is no address; give one such as 127.0.0.1.");
                return IPAddress.Loopback;
            },
        };
        var seed = CommonOptions.Seed();
        var import = new Option<FileInfo?>("--import") { Description = "Take labels from a CSV file with the columns file,tumor,stroma,… (1 or 0) or file,labels (tumor;stroma), instead of serving the page." };
        var regions = new Option<FileInfo?>("--import-regions") { Description = "Take labels from regions drawn in QuPath: a GeoJSON file, or a folder with one for each slide, named as its patches begin or as its file. Instead of serving the page; for patches of mlps patches." };
        var share = new Option<double>("--share") { Description = "With --import-regions: the share of a patch from which a tissue occurs in it.", DefaultValueFactory = _ => 0.05 };
        share.Validators.Add(result => Limit(result, "--share", value => value is > 0 and <= 1, "above 0 and at most 1"));
        var slideSize = SlideInputs.Positive("--slide-mpp", "Micrometres a full-resolution pixel of the slides, for patches whose table does not say it: those of earlier versions of mlps patches.");
        var model = new Option<FileInfo?>("--model") { Description = "A trained model: the patches that it is least sure of come first, spread over the slides. What it expects is shown on request only." };
        var candidates = CommonOptions.Count("--candidates", "With --model: how many patches it looks at, drawn at random among those that nobody has answered. Default: 2000.");
        var person = new Option<string?>("--person") { Description = "With --import and --import-regions: whose labels they are; default, the file's name. With --export, also after an import: use the labels of this person alone." };
        var export = new Option<DirectoryInfo?>("--export") { Description = "Write the labelled patches as a dataset to this folder outside of the patches, instead of serving the page." };
        var masks = CommonOptions.Count("--masks", "On how many patches masks are drawn, to choose epochs by: patches of held-out slides, from each in turn. Default: 30.");
        var heldOut = new Option<double>("--held-out") { Description = "The share of the patches, whole slides of them, that an export keeps out of training, and that masks are drawn on.", DefaultValueFactory = _ => 0.2 };
        heldOut.Validators.Add(result => Limit(result, "--held-out", value => value is >= 0 and < 1, "from 0 to below 1"));
        var copy = new Option<bool>("--copy") { Description = "With --export: copy patches, instead of giving their files a second name (hard links)." };
        var command = new Command(Name, "Serves a web page on which people say which tissues occur in patches, and makes a dataset of what they said.")
        {
            patches, labels, tissues, colors, background, sources, port, listen, seed, import, regions, share, slideSize, model, candidates, masks, person, export, heldOut, copy,
        };
        CommonOptions.Need(command, candidates, model);
        CommonOptions.Need(command, share, regions);
        CommonOptions.Need(command, person, import, regions, export);
        CommonOptions.Need(command, copy, export);
        command.Validators.Add(result =>
        {
            if (result.GetValue(import) is not null && result.GetValue(regions) is not null)
            {
                result.AddError("--import and --import-regions are two ways to take labels: give one of them, and the other in a run of its own.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(tissues) is null && (parsed.GetValue(colors) ?? parsed.GetValue(background)) is not null)
            {
                throw new FormatException("--colors and --background need --classes.");
            }

            var named = parsed.GetValue(tissues) is { } names
                ? new TissueChoice(TissueList.Parse(names, parsed.GetValue(colors), parsed.GetValue(background)), parsed.GetValue(colors) is not null, parsed.GetValue(background) is not null)
                : null;
            var folder = parsed.GetRequiredValue(patches).FullName;
            var dataset = parsed.GetValue(export)?.FullName;
            if (dataset is not null)
            {
                // Before labels are imported or a folder is made for them.
                ExportFolder.RequireApart(folder, dataset);
            }

            var stored = parsed.GetValue(labels)?.FullName ?? Path.Combine(folder, Labelling.DefaultFolder);
            using var labelling = Labelling.Open(folder, stored, named, parsed.GetValue(sources), new SlideOptions { MicronsPerPixel = parsed.GetValue(slideSize) }, stop);
            var taken = parsed.GetValue(import)?.FullName is { } table ? labelling.Import(table, parsed.GetValue(person))
                : parsed.GetValue(regions)?.FullName is { } drawn && labelling.ImportRegions(drawn, parsed.GetValue(share), parsed.GetValue(person), stop);
            if (dataset is not null)
            {
                labelling.Export(dataset, new ExportOptions(parsed.GetValue(heldOut), parsed.GetValue(seed), parsed.GetValue(copy), parsed.GetValue(person), parsed.GetValue(sources)), stop);
                return ExitCode.Success;
            }

            if (taken)
            {
                return ExitCode.Success;
            }

            await labelling.ServeAsync(parsed.GetRequiredValue(listen), parsed.GetValue(port), parsed.GetValue(seed), parsed.GetValue(model)?.FullName, parsed.GetValue(candidates) ?? DefaultCandidates, parsed.GetValue(heldOut), parsed.GetValue(masks) ?? DefaultMasks, stop).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Limit(OptionResult result, string name, Predicate<double> isAllowed, string allowed)
    {
        if (result.GetValueOrDefault<double>() is var value && !isAllowed(value))
        {
            result.AddError($"{name} is {value}; it must be {allowed}.");
        }
    }
}
