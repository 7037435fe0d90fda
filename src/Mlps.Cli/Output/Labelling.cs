using System.Globalization;
using System.Net;
using Mlps.Cli.Terminal;
using Mlps.Label;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>A folder of patches with its labels, and what is done with them.</summary>
internal sealed class Labelling : IDisposable
{
    /// <summary>Where labels are stored among the patches.</summary>
    public const string DefaultFolder = "labels";

    private readonly PatchList _patches;
    private readonly LabelFolder _labels;

    private Labelling(PatchList patches, LabelFolder labels) => (_patches, _labels) = (patches, labels);

    /// <summary>Lists the patches, reads the labels, and says what is there.</summary>
    /// <exception cref="TissueDataException">There are no patches, or the labels cannot be read or are of other tissues.</exception>
    public static Labelling Open(string folder, string labels, TissueClasses? classes, string? sourcePattern, CancellationToken stop)
    {
        var patches = PatchList.Open(folder, labels, sourcePattern, stop);
        var stored = LabelFolder.Open(labels, classes);
        foreach (var warning in patches.Warnings.Concat(stored.Faults))
        {
            Say.Warning(warning);
        }

        Say.Line($"{Number(patches.Patches.Count)} patches of {Number(patches.SlideCount)} {(patches.SlideCount == 1 ? "slide" : "slides")}; tissues: {stored.Classes}");
        foreach (var (person, answers) in stored.All())
        {
            var elsewhere = answers.Count(answer => patches.Find(answer.Patch) is null);
            Say.Line($"  {person}: {Number(answers.Count - elsewhere)} answered{(elsewhere > 0 ? $", and {Number(elsewhere)} of patches that are no longer here" : string.Empty)}");
        }

        return new Labelling(patches, stored);
    }

    /// <summary>Serves the page until it is stopped.</summary>
    public async Task ServeAsync(IPAddress address, int port, int seed, CancellationToken stop)
    {
        var session = new LabelSession(_patches, _labels, seed);
        using var surroundings = new Surroundings(PatchPlace.ReadAll(_patches.Folder));
        await using var server = await LabelServer.StartAsync(session, surroundings, hasModel: false, address, port, stop).ConfigureAwait(false);
        if (!IPAddress.IsLoopback(address))
        {
            Say.Warning($"The page is served at {address}: everybody on the network who has its address sees the patches and can label them, and nothing is encrypted.");
        }

        Say.Line("Open this address in a browser; it works until this program ends, with Ctrl-C:");
        Console.WriteLine(server.Address.AbsoluteUri);
        Say.Line($"Every answer is stored at once, in {_labels.Folder}");
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        foreach (var person in _labels.People)
        {
            Say.Line($"{person}: {Number(session.Done(person))} of {Number(_patches.Patches.Count)} answered");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _labels.Dispose();

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
