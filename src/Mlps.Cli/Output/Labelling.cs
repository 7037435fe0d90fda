using System.Globalization;
using System.Net;
using Microsoft.ML;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.Label;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Torch.Runtime;

namespace Mlps.Cli.Output;

/// <summary>A folder of patches with its labels, and what is done with them.</summary>
internal sealed class Labelling : IDisposable
{
    /// <summary>Where labels are stored among the patches.</summary>
    public const string DefaultFolder = "labels";

    private readonly PatchList _patches;
    private readonly LabelFolder _labels;
    private readonly SlideOptions _slideOptions;

    private Labelling(PatchList patches, LabelFolder labels, SlideOptions slideOptions) => (_patches, _labels, _slideOptions) = (patches, labels, slideOptions);

    /// <summary>Lists the patches, reads the labels, and says what is there.</summary>
    /// <exception cref="TissueDataException">There are no patches, or the labels cannot be read or are of other tissues.</exception>
    public static Labelling Open(string folder, string labels, TissueChoice? tissues, string? sourcePattern, SlideOptions slideOptions, CancellationToken stop)
    {
        var patches = PatchList.Open(folder, labels, sourcePattern, stop);
        var stored = LabelFolder.Open(labels, tissues);
        foreach (var warning in patches.Warnings.Concat(ExportFolder.Warnings(patches)).Concat(stored.Faults))
        {
            Say.Warning(warning);
        }

        Say.Line($"{Number(patches.Patches.Count)} patches of {Number(patches.SlideCount)} {(patches.SlideCount == 1 ? "slide" : "slides")}; tissues: {stored.Classes}");
        foreach (var (person, answers) in stored.All())
        {
            var elsewhere = answers.Count(answer => patches.Find(answer.Patch) is null);
            Say.Line($"  {person}: {Number(answers.Count - elsewhere)} answered{(elsewhere > 0 ? $", and {Number(elsewhere)} of patches that are no longer here" : string.Empty)}");
        }

        return new Labelling(patches, stored, slideOptions);
    }

    /// <summary>Serves the page until it is stopped.</summary>
    public async Task ServeAsync(IPAddress address, int port, int seed, string? modelPath, int candidates, double heldOut, int maskCount, CancellationToken stop)
    {
        var session = new LabelSession(_patches, _labels, seed);
        using var model = modelPath is null ? null : LoadModel(modelPath);
        using var surroundings = new Surroundings(PatchPlace.ReadAll(_patches.Folder), _slideOptions);
        var masks = new MaskSession(session, new MaskFolder(_labels.Folder, _labels.Classes), heldOut, seed, maskCount);
        await using var server = await LabelServer.StartAsync(session, masks, surroundings, hasModel: model is not null, address, port, stop).ConfigureAwait(false);
        if (!IPAddress.IsLoopback(address))
        {
            Say.Warning($"The page is served at {address}: everybody on the network who has its address sees the patches and can label them, and nothing is encrypted.");
        }

        Say.Line("Open this address in a browser; it works until this program ends, with Ctrl-C:");
        Console.WriteLine(server.Address.AbsoluteUri);
        Say.Line($"Every answer and mask is stored at once, in {_labels.Folder}");
        var scoring = model is null ? Task.CompletedTask : Task.Run(() => Score(Scores(model), session, candidates, stop), CancellationToken.None);
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        await scoring.ConfigureAwait(false);
        foreach (var person in _labels.People)
        {
            Say.Line($"{person}: {Number(session.Done(person))} of {Number(_patches.Patches.Count)} answered");
        }
    }

    /// <summary>Stores the labels of a table; those that are there already are not stored again.</summary>
    /// <param name="table">The CSV file.</param>
    /// <param name="person">Whose labels they are; null for the file's name.</param>
    public bool Import(string table, string? person) => Store(LabelTable.Read(table, _patches, _labels.Classes), table, person);

    /// <summary>Stores the labels that regions give.</summary>
    public bool ImportRegions(string regions, double share, string? person, CancellationToken stop) => Store(new RegionLabels(share, _slideOptions).Read(regions, _patches, _labels.Classes, stop), regions, person);

    /// <summary>Writes the dataset and says what is in it.</summary>
    public void Export(string folder, ExportOptions options, CancellationToken stop)
    {
        var result = DatasetExport.Write(_patches, _labels, folder, options, stop);
        foreach (var warning in result.Warnings)
        {
            Say.Warning(warning);
        }

        var copies = result.Train + result.HeldOut + result.Masked - result.Linked;
        Say.Line($"{Number(result.Train)} patches to train on{(result.Masked > 0 ? $"; {Number(result.Masked)} with masks to choose epochs by" : string.Empty)}{(result.HeldOut > 0 ? $"; {Number(result.HeldOut)} held out" : string.Empty)}{(result.LeftOut > 0 ? $"; {Number(result.LeftOut)} left out" : string.Empty)}");
        if (result.HeldOutSlides.Count > 0)
        {
            Say.Line($"Not trained on: {string.Join(", ", result.HeldOutSlides)}");
        }

        Say.Line(copies == 0 ? "All images are hard links to the patches." : $"{Number(copies)} {(copies == 1 ? "image is a copy" : "images are copies")}.");
        Say.Written(folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _labels.Dispose();

    private static ModelScores Scores(TrainedModel model)
    {
        ITransformer[] classifying = [.. model.Stages.TakeWhile(stage => stage is not PatchClassifierTransformer), model.Stages.OfType<PatchClassifierTransformer>().First()];
        return new ModelScores(table => classifying.Aggregate(table, (view, stage) => stage.Transform(view)), model.Classes);
    }

    /// <summary>Looks at patches beside the page; where that fails, the page goes on without.</summary>
    private static void Score(ModelScores scores, LabelSession session, int candidates, CancellationToken stop)
    {
        try
        {
            Say.Line($"The model has looked at {Number(scores.Run(session, candidates, stop))} patches; those that it is least sure of come first.");
        }
        catch (OperationCanceledException)
        {
            // The page is closed.
        }
        catch (Exception exception)
        {
            // Memory that runs out, too: answers are stored at once, and the page needs no model.
            Say.Warning($"The model cannot look at the patches, which now come as they are: {exception.Message}");
        }
    }

    private TrainedModel LoadModel(string path)
    {
        LibTorch.EnsureLoaded();
        var model = ModelFile.Load(Context.Create(), path);
        if (!model.Stages.OfType<PatchClassifierTransformer>().Any())
        {
            model.Dispose();
            throw new TissueDataException(path, "the model has no patch classifier.", "Give one that was trained with 'train'.");
        }

        Scores(model).Require(path, _labels.Classes);
        return model;
    }

    private bool Store(IReadOnlyList<Answer> answers, string source, string? person)
    {
        var name = PersonName.Checked(person ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(source)));
        Answer[] changed = [.. answers.Where(answer => _labels.Find(name, answer.Patch) is not { } stored || stored.Tissues != answer.Tissues)];
        if (changed.Length > 0)
        {
            _labels.Append(name, changed);
        }

        Say.Line($"{Number(answers.Count)} labels of {name}{(changed.Length < answers.Count ? $", {Number(answers.Count - changed.Length)} of which were stored already" : string.Empty)}");
        return true;
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
