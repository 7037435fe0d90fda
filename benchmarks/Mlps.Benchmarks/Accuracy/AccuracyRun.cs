using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Endurance;
using Mlps.ML;
using TorchSharp;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>How good the masks are, over seeds: trains, scores once at the end, and writes a table of mean, lowest and highest.</summary>
/// <remarks>A result is kept as a line of <c>results.csv</c> as soon as it is there, and not computed again where it is: a long comparison can be stopped.</remarks>
internal static class AccuracyRun
{
    public const string Verb = "accuracy";

    private static readonly int[] _views = [1, 8];

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
                var run = new AccuracyKey(dataset.Name, told.Split.ToString(), set, seed);
                if (!results.Has(run))
                {
                    results.Add(run, Train(dataset, told, run));
                }
            }
        }

        var table = results.ToTable();
        Console.WriteLine(table);
        File.WriteAllText(Path.Combine(told.Output, "accuracy.md"), table + "\n");
    }

    private static AccuracyResult Train(TissueDataset dataset, AccuracyArguments told, AccuracyKey run)
    {
        var ml = new MLContext(run.Seed) { GpuDeviceId = torch.cuda_is_available() ? 0 : null, FallbackToCpu = true };
        ml.Log += (_, entry) =>
        {
            if (entry.Source.Contains("Validation", StringComparison.Ordinal))
            {
                Console.WriteLine(entry.RawMessage);
            }
        };
        var train = dataset.Load(ml, DatasetSplit.Train);
        var options = AccuracySets.Get(run.Set);
        options = options with { Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation), Progress = new EpochLines() } };
        Console.WriteLine(run);
        var clock = Stopwatch.StartNew();
        using var model = ml.TissueSegmentation.MultiLayerPseudoSupervision(dataset.Classes, options).Fit(train);
        var minutes = clock.Elapsed.TotalMinutes;
        ml.Model.Save(model, train.Schema, Path.Combine(told.Output, $"{run.Dataset}-{run.Set}-{run.Seed}.zip"));

        var table = dataset.Load(ml, told.Split);
        var scores = _views.ToDictionary(views => views, views => Score(ml, model, table, views));
        var result = new AccuracyResult(scores[1], scores[8], minutes, ProcessMemory.PeakMiB);
        Console.WriteLine(result);
        return result;
    }

    private static double Score(MLContext ml, TransformerChain<GatedSegmenterTransformer> model, IDataView table, int views)
    {
        ITransformer[] before = [.. model.Take(model.Count() - 1)];
        var segmenter = model.LastTransformer.With(model.LastTransformer.Segmentation with { Views = views });
        return ml.TissueSegmentation.Evaluate(segmenter.Transform(before.Aggregate(table, (view, stage) => stage.Transform(view)))).ProtocolA.MeanIoU;
    }

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
