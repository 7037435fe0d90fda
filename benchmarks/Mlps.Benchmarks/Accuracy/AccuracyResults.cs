using System.Globalization;
using System.Text;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>Which training it was.</summary>
internal sealed record AccuracyKey(string Dataset, string Split, string Set, int Seed);

/// <summary>What it gave.</summary>
/// <param name="OneView">Mean IoU, protocol A, of one view.</param>
/// <param name="EightViews">The same, of the mean over eight views.</param>
/// <param name="Minutes">The training's duration.</param>
/// <param name="PeakMiB">The most memory of the process until then.</param>
internal sealed record AccuracyResult(double OneView, double EightViews, double Minutes, long PeakMiB);

/// <summary>The results so far, in a file of comma-separated values.</summary>
internal sealed class AccuracyResults
{
    private const string Header = "dataset,split,set,seed,miou_1_view,miou_8_views,minutes,peak_mib";

    private readonly string _path;
    private readonly List<(AccuracyKey Key, AccuracyResult Result)> _results = [];

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
            _results.Add((new(fields[0], fields[1], fields[2], (int)Number(3)), new(Number(4), Number(5), Number(6), (long)Number(7))));
        }
    }

    public bool Has(AccuracyKey key) => _results.Exists(result => result.Key == key);

    public void Add(AccuracyKey key, AccuracyResult result)
    {
        _results.Add((key, result));
        File.AppendAllText(_path, string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Dataset},{key.Split},{key.Set},{key.Seed},{result.OneView:f4},{result.EightViews:f4},{result.Minutes:f1},{result.PeakMiB}\n"));
    }

    /// <summary>Mean, lowest and highest over the seeds of each set.</summary>
    public string ToTable()
    {
        var text = new StringBuilder("| dataset | split | set | seeds | mIoU (A), 1 view | mIoU (A), 8 views | minutes | MiB |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var group in _results.GroupBy(result => (result.Key.Dataset, result.Key.Split, result.Key.Set)))
        {
            var results = group.Select(result => result.Result).ToArray();
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Dataset} | {group.Key.Split} | {group.Key.Set} | {results.Length} | {Range(results, result => result.OneView)} | {Range(results, result => result.EightViews)} | {results.Average(result => result.Minutes):f0} | {results.Max(result => result.PeakMiB)} |\n");
        }

        return text.ToString();
    }

    private static string Range(AccuracyResult[] results, Func<AccuracyResult, double> value) =>
        string.Create(CultureInfo.InvariantCulture, $"{results.Average(value):f3} ({results.Min(value):f3} to {results.Max(value):f3})");
}
