using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Mlps.ML;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>A finished training: the model and how it came about.</summary>
internal sealed class TrainingRun : IDisposable
{
    /// <summary>What epochs can be chosen by, the best first: masks, then labels.</summary>
    private static readonly DatasetSplit[] _toChooseBy = [DatasetSplit.Validation, DatasetSplit.HeldOut];

    private readonly MLContext _ml;
    private readonly TrainingHistory _history;
    private readonly DataViewSchema _schema;
    private readonly TissueDataset _dataset;
    private readonly DatasetSplit[] _splits;
    private readonly IReadOnlyList<DamagedPatch> _damaged;

    private TrainingRun(
        MLContext ml, TransformerChain<GatedSegmenterTransformer> model, DataViewSchema schema, TrainingHistory history, TissueDataset dataset, DatasetSplit[] splits, IReadOnlyList<DamagedPatch> damaged) =>
        (_ml, Model, _schema, _history, _dataset, _splits, _damaged) = (ml, model, schema, history, dataset, splits, damaged);

    public TransformerChain<GatedSegmenterTransformer> Model { get; }

    /// <summary>Trains, with progress on the terminal.</summary>
    public static TrainingRun Start(TissueDataset dataset, DamagedImages damaged, TrainingSettings settings, string? modelPath, CancellationToken stop, RankJob? job = null)
    {
        var ml = Context.Create(settings.Seed, job?.Ranks is null ? 0 : MpiRanks.LocalRank);
        if (modelPath is not null && job is null or { Writes: true })
        {
            ModelFile.CheckRoom(modelPath, Chain.WeightBytes(ml, dataset.Classes.Count, settings));
        }

        var leftOut = new List<DamagedPatch>();
        var train = Load(DatasetSplit.Train);
        var split = settings.ValidationFraction > 0 ? null : _toChooseBy.Where(dataset.Has).Select(part => (DatasetSplit?)part).FirstOrDefault();
        if (settings.Patience is not null && split is null && !(settings.ValidationFraction > 0))
        {
            throw new FormatException("--patience waits for a better validation score, and there is no validation set: add val or held-out to the dataset, or give --validation-fraction.");
        }

        var validation = split is { } chosen ? Load(chosen) : null;
        Say.Dataset(dataset);
        Say.Line($"  {ChosenBy(dataset, split, settings)}");
        if (settings.WhyNotPretrained is { } reason)
        {
            Say.Line(reason);
        }

        var history = new TrainingHistory();
        TransformerChain<GatedSegmenterTransformer>? model = null;
        TrainingDisplay.Run(display =>
        {
            IProgress<TrainingProgress>[] listeners = [history, display, .. job?.Meter is { } meter ? [meter] : Array.Empty<IProgress<TrainingProgress>>()];
            var progress = new ProgressFork(listeners);
            model = Chain.Create(ml, dataset, settings, validation, job?.Ranks, progress, stop).Fit(train);
        });
        return new TrainingRun(ml, model!, train.Schema, history, dataset, split is { } used ? [DatasetSplit.Train, used] : [DatasetSplit.Train], leftOut);

        IDataView Load(DatasetSplit part) => damaged is DamagedImages.Skip ? dataset.Load(ml, part, leftOut.Add, stop) : dataset.Load(ml, part, damaged, stop);
    }

    /// <summary>Writes the model and the curves.</summary>
    /// <returns>Whether the model is where it was to be: a full disk sends it to the next place that can take it.</returns>
    public bool Save(string modelPath, string outputFolder)
    {
        // The model first: nothing else took hours.
        var saved = ModelFile.Save(_ml, Model, _schema, modelPath, outputFolder, Environment.CurrentDirectory, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Path.GetTempPath());
        if (saved != modelPath)
        {
            Say.Warning($"The model could not be written to '{modelPath}'. It is in '{saved}'.");
        }

        Say.Written(saved);
        OutputFolder.Mark(outputFolder, "train", [.. TrainingHistory.Names, LeftOutReport.FileName]);
        LeftOutReport.Write(outputFolder, _dataset, _splits, _damaged);
        _history.Save(outputFolder);
        Say.Written(outputFolder);
        return saved == modelPath;
    }

    private static string ChosenBy(TissueDataset dataset, DatasetSplit? split, TrainingSettings settings) => split switch
    {
        DatasetSplit.Validation => $"epochs are chosen by the masks of {dataset.Report(DatasetSplit.Validation).PatchCount} images in val",
        DatasetSplit.HeldOut => $"epochs are chosen by the labels of {dataset.Report(DatasetSplit.HeldOut).PatchCount} patches in held-out; masks in val would choose better",
        _ when settings.ValidationFraction > 0 => "epochs are chosen by the labels of some of them",
        _ => "the last epochs are kept, as there is neither val nor held-out to choose by",
    };

    public void Dispose() => (Model as IDisposable)?.Dispose();
}
