using System.CommandLine;
using System.Net;
using Mlps.Cli.Output;
using Mlps.Label;
using Mlps.ML;

namespace Mlps.Cli.Commands;

/// <summary><c>label</c>: a web page on which patches are labelled.</summary>
internal static class LabelCommand
{
    public static Command Create()
    {
        var patches = new Option<DirectoryInfo>("--patches") { Description = "The folder of patches: PNG, JPEG, BMP or WebP, such as mlps patches cuts.", Required = true };
        var labels = new Option<DirectoryInfo?>("--labels") { Description = "Where labels are stored. Default: the folder labels among the patches." };
        var tissues = new Option<string?>("--classes") { Description = "The tissues, with commas between them: tumor,stroma,lymphocyte. Needed at the first start; later starts know them." };
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
        var command = new Command("label", "Serves a web page on which people say which tissues occur in patches, and makes a dataset of what they said.")
        {
            patches, labels, tissues, colors, background, sources, port, listen, seed,
        };
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(tissues) is null && (parsed.GetValue(colors) ?? parsed.GetValue(background)) is not null)
            {
                throw new FormatException("--colors and --background need --classes.");
            }

            var named = parsed.GetValue(tissues) is { } names ? TissueList.Parse(names, parsed.GetValue(colors), parsed.GetValue(background)) : null;
            var folder = parsed.GetRequiredValue(patches).FullName;
            var stored = parsed.GetValue(labels)?.FullName ?? Path.Combine(folder, Labelling.DefaultFolder);
            using var labelling = Labelling.Open(folder, stored, named, parsed.GetValue(sources), stop);
            await labelling.ServeAsync(parsed.GetRequiredValue(listen), parsed.GetValue(port), parsed.GetValue(seed), stop).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }
}
