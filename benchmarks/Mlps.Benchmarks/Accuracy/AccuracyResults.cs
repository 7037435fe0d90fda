using System.Globalization;
using System.Text;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>Which training it was.</summary>
internal sealed record AccuracyKey(string Dataset, string Set, int Seed)
{
    /// <summary>Where its model is kept.</summary>
    public string ModelFile => $"{Dataset}-{Set}-{Seed}.zip";
}

/// <summary>What a training costs.</summary>
/// <param name="Minutes">How long it took.</param>
/// <param name="PeakMiB">The most memory of the process until its end.</param>
internal sealed record AccuracyCost(double Minutes, long PeakMiB);

/// <summary>How good its masks are.</summary>
/// <param name="OneView">Mean IoU, protocol A, of one view.</param>
/// <param name="EightViews">The same, of the mean over eight views.</param>
internal sealed record AccuracyScore(double OneView, double EightViews);

/// <summary>The results so far, in a file of comma-separated values.</summary>
internal sealed class AccuracyResults
{
    private const string Header = "dataset,split,set,seed,miou_1_view,miou_8_views,minutes,peak_mib";

    private readonly string _path;
    private readonly List<(AccuracyKey Key, string Split, AccuracyScore Score, AccuracyCost Cost)> _results = [];

    public AccuracyResults(string path)
    {
        _path = path;
        if (!File.Exists(path))
        {
            File.WriteAllText(path, Header + "\n");
        }

        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var fields = line.Split(',');
            double Number(int index) => double.Parse(fields[index], CultureInfo.InvariantCulture);
            _results.Add((new(fields[0], fields[2], (int)Number(3)), fields[1], new(Number(4), Number(5)), new(Number(6), (long)Number(7))));
        }
    }

    public bool Has(AccuracyKey key, string split) => _results.Exists(result => result.Key == key && result.Split == split);

    /// <summary>What a training cost that was scored before, on any split; null without one.</summary>
    public AccuracyCost? CostOf(AccuracyKey key) => _results.Find(result => result.Key == key).Cost;

    public void Add(AccuracyKey key, string split, AccuracyScore score, AccuracyCost cost)
    {
        _results.Add((key, split, score, cost));
        File.AppendAllText(_path, string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Dataset},{split},{key.Set},{key.Seed},{score.OneView:f4},{score.EightViews:f4},{cost.Minutes:f1},{cost.PeakMiB}\n"));
    }

    /// <summary>Mean, lowest and highest over the seeds of each set.</summary>
    public string ToTable()
    {
        var text = new StringBuilder("| dataset | split | set | seeds | mIoU (A), 1 view | mIoU (A), 8 views | minutes | MiB |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var group in _results.GroupBy(result => (result.Key.Dataset, result.Split, result.Key.Set)))
        {
            var scores = group.Select(result => result.Score).ToArray();
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Dataset} | {group.Key.Split} | {group.Key.Set} | {scores.Length} | {Range(scores, score => score.OneView)} | {Range(scores, score => score.EightViews)} | {group.Average(result => result.Cost.Minutes):f0} | {group.Max(result => result.Cost.PeakMiB)} |\n");
        }

        return text.ToString();
    }

    private static string Range(AccuracyScore[] scores, Func<AccuracyScore, double> value) =>
        string.Create(CultureInfo.InvariantCulture, $"{scores.Average(value):f3} ({scores.Min(value):f3} to {scores.Max(value):f3})");
}
