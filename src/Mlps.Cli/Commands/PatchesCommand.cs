using System.CommandLine;
using Mlps.Cli.Output;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary><c>patches</c>: cuts tissue patches from slides, to be labelled.</summary>
internal static class PatchesCommand
{
    public static Command Create()
    {
        var inputs = new SlideInputs();
        var tissue = new TissueChoices();
        var mpp = SlideInputs.Positive("--mpp", "Micrometres a pixel of the patches, such as 0.5.", isRequired: true);
        var size = CommonOptions.Count("--size", "Side of the patches in pixels. Default: 224.");
        var perSlide = CommonOptions.Count("--per-slide", "Patches of each slide; fewer where its tissue has no room for more. Default: 100.");
        var leastTissue = new Option<double?>("--least-tissue") { Description = "The part of a patch that must be tissue, 0 to 1. Default: 0.5." };
        leastTissue.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } value && value is not (>= 0 and <= 1))
            {
                result.AddError($"--least-tissue is {value}; it must be from 0 to 1.");
            }
        });
        var seed = CommonOptions.Seed();
        var output = CommonOptions.Output("patches");
        var command = new Command("patches", "Cuts patches of tissue from whole slides, spread over each slide, with the slide and the place in their names: ready to be labelled.") { mpp, size, perSlide, leastTissue, seed, output };
        inputs.AddTo(command);
        tissue.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var defaults = new SlidePatchOptions();
            var options = defaults with
            {
                MicronsPerPixel = parsed.GetValue(mpp),
                Size = parsed.GetValue(size) ?? defaults.Size,
                PerSlide = parsed.GetValue(perSlide) ?? defaults.PerSlide,
                LeastTissue = parsed.GetValue(leastTissue) ?? defaults.LeastTissue,
                Seed = parsed.GetValue(seed),
                MaskOptions = tissue.Options(parsed),
            };
            var folder = parsed.GetRequiredValue(output).FullName;
            var slideOptions = inputs.Options(parsed);
            var (slides, others) = inputs.Find(parsed, folder, stop);
            var finder = tissue.Finder(parsed, slides);
            var isWhole = new PatchCutting(slideOptions, options, finder, folder).Run(slides, others, stop);
            return Task.FromResult(isWhole ? ExitCode.Success : ExitCode.SomeFailed);
        });
        return command;
    }
}
