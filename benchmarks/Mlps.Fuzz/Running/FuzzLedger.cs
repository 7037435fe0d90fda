using System.Globalization;
using Mlps.Fuzz.Formats;

namespace Mlps.Fuzz.Running;

/// <summary>A run of consecutive cases that has ended, as a line of a CSV file.</summary>
/// <param name="Format">What was damaged.</param>
/// <param name="Seed">Seed of the damage.</param>
/// <param name="First">Number of the first case.</param>
/// <param name="Cases">How many ran.</param>
/// <param name="Seconds">Time that they took.</param>
/// <param name="Read">Files that were read.</param>
/// <param name="Refused">Files that were refused.</param>
/// <param name="Faults">Cases that failed, crashed or hung.</param>
/// <param name="SlowestMilliseconds">Time of the slowest case.</param>
/// <param name="MostKibibytes">Memory of the case that took most.</param>
internal sealed record FuzzRecord(FuzzFormat Format, int Seed, int First, int Cases, int Seconds, int Read, int Refused, int Faults, int SlowestMilliseconds, long MostKibibytes)
{
    public static string Header => "format,seed,first,cases,seconds,read,refused,faults,slowest ms,most KiB";

    public static FuzzRecord Parse(string line)
    {
        var parts = line.Split(',');
        int Number(int index) => int.Parse(parts[index], CultureInfo.InvariantCulture);
        return new(Enum.Parse<FuzzFormat>(parts[0]), Number(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), Number(8), Number(9));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Format},{Seed},{First},{Cases},{Seconds},{Read},{Refused},{Faults},{SlowestMilliseconds},{MostKibibytes}");
}

/// <summary>The runs so far, in a CSV file: a long run can stop, and go on another day.</summary>
internal sealed class FuzzLedger(string path)
{
    public IReadOnlyList<FuzzRecord> Records => File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Select(FuzzRecord.Parse)] : [];

    /// <summary>The first case of a format and a seed that is in no run.</summary>
    public int Next(FuzzFormat format, int seed) => Records.Where(record => record.Format == format && record.Seed == seed).Select(record => record.First + record.Cases).DefaultIfEmpty(0).Max();

    public void Add(FuzzRecord record) => File.AppendAllLines(path, File.Exists(path) ? [record.ToString()] : [FuzzRecord.Header, record.ToString()]);

    /// <summary>The sums of each format and seed, as a Markdown table.</summary>
    public IEnumerable<string> Table()
    {
        yield return "| format | seed | minutes | cases | read | refused | failed, crashed, hung | slowest | most memory |";
        yield return "|---|---:|---:|---:|---:|---:|---:|---:|---:|";
        foreach (var runs in Records.GroupBy(record => (record.Format, record.Seed)).OrderBy(runs => runs.Key))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {runs.Key.Format} | {runs.Key.Seed} | {runs.Sum(run => run.Seconds) / 60} | {runs.Sum(run => run.Cases):#,0} | {runs.Sum(run => run.Read):#,0} | {runs.Sum(run => run.Refused):#,0} | {runs.Sum(run => run.Faults)} | {runs.Max(run => run.SlowestMilliseconds) / 1000.0:F1} s | {runs.Max(run => run.MostKibibytes) / 1024.0:F1} MiB |");
        }
    }
}
