using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Endurance;
using Mlps.ML;
using Mlps.Torch;
using TorchSharp;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>How good the masks are, over seeds: trains, scores once at the end, and writes a table of mean, lowest and highest.</summary>
/// <remarks>A result is kept as a line of <c>results.csv</c> as soon as it is there, and not computed again where it is: a long comparison can be stopped.</remarks>
internal static class AccuracyRun
{
    public const string Verb = "accuracy";

    public static void Run(string[] arguments)
    {
        var told = AccuracyArguments.Read(arguments);
        var dataset = TissueDataset.Open(told.Data);
        Directory.CreateDirectory(told.Output);
        var results = new AccuracyResults(Path.Combine(told.Output, "results.csv"));
        foreach (var set in told.Sets)
        {
            _ = AccuracySets.Get(set);
        }

        // Seeds outside, so that after each there is something to compare.
        foreach (var seed in told.Seeds)
        {
            foreach (var set in told.Sets)
            {
                Complete(dataset, told, new(dataset.Name, set, seed), results);
            }
        }

        var table = results.ToTable();
        Console.WriteLine(table);
        File.WriteAllText(Path.Combine(told.Output, "accuracy.md"), table + "\n");
    }

    /// <summary>Scores what has no score yet, of the training that is there or of a new one.</summary>
    private static void Complete(TissueDataset dataset, AccuracyArguments told, AccuracyKey run, AccuracyResults results)
    {
        var missing = told.Splits.Where(split => !results.Has(run, split.ToString())).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        Console.WriteLine(run);
        var ml = new MLContext(run.Seed) { GpuDeviceId = torch.cuda_is_available() ? 0 : null, FallbackToCpu = true };
        ml.Log += (_, entry) =>
        {
            if (entry.Source.Contains("Validation", StringComparison.Ordinal))
            {
                Console.WriteLine(entry.RawMessage);
            }
        };
        var file = Path.Combine(told.Output, run.ModelFile);
        var tables = new AccuracyTables(ml, dataset, AccuracySets.Stains(run.Set));
        var cost = results.CostOf(run);
        if (cost is null || !File.Exists(file))
        {
            cost = Train(ml, dataset, run, tables, file);
        }

        var model = (TransformerChain<ITransformer>)ml.Model.Load(file, out _);
        using var segmenter = (GatedSegmenterTransformer)model.LastTransformer;
        foreach (var split in missing)
        {
            var table = model.Take(model.Count() - 1).Aggregate(tables.Load(split), (view, stage) => stage.Transform(view));
            var score = new AccuracyScore(Score(ml, segmenter, table, views: 1), Score(ml, segmenter, table, views: 8));
            results.Add(run, split.ToString(), score, cost);
            Console.WriteLine($"{split}: {score}, {cost}");
        }
    }

    private static AccuracyCost Train(MLContext ml, TissueDataset dataset, AccuracyKey run, AccuracyTables tables, string file)
    {
        var train = tables.Load(DatasetSplit.Train);
        var options = AccuracySets.Get(run.Set);
        options = options with { Run = new() { ValidationSet = tables.Load(DatasetSplit.Validation), Progress = new EpochLines() } };
        var clock = Stopwatch.StartNew();
        using var model = ml.TissueSegmentation.MultiLayerPseudoSupervision(dataset.Classes, options).Fit(train);
        var cost = new AccuracyCost(clock.Elapsed.TotalMinutes, ProcessMemory.PeakMiB);

        // A run that is stopped while it saves leaves no half of a model.
        using var whole = new AtomicFile(file);
        ml.Model.Save(model, train.Schema, whole.TemporaryPath);
        whole.Commit();
        return cost;
    }

    private static double Score(MLContext ml, GatedSegmenterTransformer segmenter, IDataView table, int views) =>
        ml.TissueSegmentation.Evaluate(segmenter.With(segmenter.Segmentation with { Views = views }).Transform(table)).ProtocolA.MeanIoU;

    /// <summary>A line for each epoch.</summary>
    private sealed class EpochLines : IProgress<Mlps.Torch.Training.TrainingProgress>
    {
        public void Report(Mlps.Torch.Training.TrainingProgress value)
        {
            if (value.EpochEnded)
            {
                var scores = string.Join(" ", value.Scores.Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Key} {score.Value:f3}")));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Stage} epoch {value.Epoch} of {value.Epochs}: loss {value.Loss:f4} {scores}"));
            }
        }
    }
}
