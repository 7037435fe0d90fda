using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Endurance;
using Mlps.Benchmarks.Setup;
using Mlps.ML;
using Mlps.Torch.Training;

namespace Mlps.Benchmarks.Scale;

/// <summary>How time and memory of a training table grow with its patches: <c>patches [counts]</c>, or <c>patches plot FILE</c> from the lines of earlier runs; one process for each count, so that peaks are each one's own.</summary>
internal static class PatchesRun
{
    public const string Verb = "patches";

    private const string One = "--one";
    private const int Side = 96;
    private const int BatchSize = 16;
    private const string Plot = "patches.svg";

    /// <summary>Whether the arguments are those of a measuring process, which has no use for libtorch.</summary>
    public static bool IsOne(string[] arguments) => arguments is [Verb, One, ..];

    public static void Run(string[] arguments)
    {
        if (arguments is [One, var size, var folder])
        {
            Measure(folder, Arguments.Count(size, "patches"));
            return;
        }

        if (arguments is ["plot", var file])
        {
            Draw([.. File.ReadLines(file).Select(PatchesPoint.Parse)]);
            return;
        }

        int[] counts = arguments.Length > 0 ? [.. arguments.SelectMany(argument => argument.Split(',')).Select(argument => Arguments.Count(argument, "patches"))] : [10_000, 100_000, 1_000_000];
        var points = new List<PatchesPoint>();
        Console.WriteLine(PatchesPoint.Header);
        foreach (var count in counts)
        {
            using var patches = new PatchFolder(count, Side);
            points.Add(PatchesPoint.Parse(RunOne(patches.Path, count)));
            Console.WriteLine(points[^1]);
        }

        Draw(points);
    }

    private static void Draw(IReadOnlyList<PatchesPoint> points)
    {
        PatchesPlot.Write(points, Plot);
        Console.WriteLine(Path.GetFullPath(Plot));
    }

    private static string RunOne(string folder, int count)
    {
        var start = ThisProgram.With(Verb, One, count.ToString(CultureInfo.InvariantCulture), folder);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.TrimEnd().Split('\n')[^1] : throw new InvalidOperationException($"The run of {count} patches ended with {process.ExitCode}, and measured {output}");
    }

    private static void Measure(string folder, int count)
    {
        var (damaged, damagedHeaders) = PatchFolder.DamagedOf(count);
        var warnings = new List<string>();
        var ml = new MLContext(1);
        ml.Log += (_, entry) => warnings.AddRange(entry.Kind is Microsoft.ML.Runtime.ChannelMessageKind.Warning ? [entry.RawMessage] : []);
        var (start, empty) = (ProcessMemory.PeakMiB, GC.GetTotalMemory(forceFullCollection: true));

        var clock = Stopwatch.StartNew();
        var dataset = TissueDataset.Open(folder);
        var report = dataset.Report(DatasetSplit.Train);
        var (list, listMiB) = (clock.Elapsed, ProcessMemory.PeakMiB);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - empty;

        clock.Restart();
        var again = dataset.Report(DatasetSplit.Train).PatchCount;
        var second = clock.Elapsed;

        clock.Restart();
        var table = dataset.Load(ml, DatasetSplit.Train, DamagedImages.Skip);
        var read = clock.Elapsed;

        clock.Restart();
        var rows = Shuffled(table, report.LabelCounts);
        var batched = new EpochPlan(rows, BatchSize, KeepShortBatch: true, Seed: 1).Batches(epoch: 1).Sum(batch => batch.Length);
        var shuffle = clock.Elapsed;

        warnings.ForEach(Console.Error.WriteLine);
        Console.WriteLine(new PatchesPoint(count, list.TotalSeconds, second.TotalSeconds, shuffle.TotalSeconds, read.TotalSeconds, start, listMiB, ProcessMemory.PeakMiB, kept / (double)(1 << 20)).Line);
        Require(report.PatchCount, count - damagedHeaders, "patches");
        Require(report.Damaged.Count, damagedHeaders, "damaged headers");
        Require(report.SourceCount, (count + 999) / 1000, "slides");
        Require(again, report.PatchCount, "patches");
        Require(rows, count - damaged, "rows");
        Require(batched, rows, "patches in batches");
    }

    /// <summary>Reads all rows in random order, and gives their number.</summary>
    private static int Shuffled(IDataView table, IReadOnlyList<int> labelCounts)
    {
        DataViewSchema.Column Column(string name) => table.Schema[name];
        using var cursor = table.GetRowCursor([Column(TissueColumns.Name), Column(TissueColumns.Source), Column(TissueColumns.Label)], new Random(1));
        var (getName, getSource, getLabel) = (
            cursor.GetGetter<ReadOnlyMemory<char>>(Column(TissueColumns.Name)), cursor.GetGetter<ReadOnlyMemory<char>>(Column(TissueColumns.Source)), cursor.GetGetter<VBuffer<bool>>(Column(TissueColumns.Label)));
        ReadOnlyMemory<char> name = default, source = default;
        VBuffer<bool> label = default;
        var (rows, inOrder, counts, last) = (0, 0, new int[labelCounts.Count], default(ReadOnlyMemory<char>));
        while (cursor.MoveNext())
        {
            getName(ref name);
            getSource(ref source);
            getLabel(ref label);
            rows++;
            inOrder += name.Span.CompareTo(last.Span, StringComparison.Ordinal) > 0 ? 1 : 0;
            last = name;
            foreach (var (tissue, occurs) in label.Items())
            {
                counts[tissue] += occurs ? 1 : 0;
            }
        }

        if (inOrder is var ordered && (ordered < rows * 0.4 || ordered > rows * 0.6))
        {
            throw new InvalidOperationException($"{ordered} of {rows} rows follow the one before in the order of names: they are not shuffled.");
        }

        if (counts.Zip(labelCounts).Any(pair => pair.First > pair.Second || pair.First < pair.Second * 0.99))
        {
            throw new InvalidOperationException($"The report has labels {string.Join(", ", labelCounts)}, and the table {string.Join(", ", counts)}.");
        }

        return rows;
    }

    private static void Require(int value, int expected, string what)
    {
        if (value != expected)
        {
            throw new InvalidOperationException($"There are {value} {what}, and should be {expected}.");
        }
    }
}
