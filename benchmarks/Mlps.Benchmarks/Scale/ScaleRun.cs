using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Benchmarks.Endurance;
using Mlps.Benchmarks.Setup;
using Mlps.ML;

namespace Mlps.Benchmarks.Scale;

/// <summary>
/// How do time and memory of pseudo masks and of an evaluation grow with the number of patches? Small networks, 96 px: <c>scale [counts]</c>, one process for each count, so that peaks are each one's own.
/// </summary>
internal static class ScaleRun
{
    private const int Side = 96;
    private const string One = "--one";

    public static void Run(string[] arguments)
    {
        if (arguments is [One, var count])
        {
            Measure(Arguments.Count(count, "patches"));
            return;
        }

        int[] counts = arguments.Length > 0 ? [.. arguments.Select(argument => Arguments.Count(argument, "patches"))] : [100, 1_000, 10_000];
        var points = counts.Select(count => ScalePoint.Parse(RunOne(count))).ToArray();
        Console.WriteLine(ScalePoint.Header);
        Array.ForEach(points, Console.WriteLine);
        ScalePlot.Write(points, "scale.png");
        Console.WriteLine(Path.GetFullPath("scale.png"));
    }

    private static string RunOne(int count)
    {
        var start = ThisProgram.With("scale", One, count.ToString(CultureInfo.InvariantCulture));
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.TrimEnd().Split('\n')[^1] : throw new InvalidOperationException($"The run of {count} patches ended with {process.ExitCode}.");
    }

    /// <summary>The images are some tens of synthetic ones, read again and again: files are decoded each time.</summary>
    private static void Measure(int count)
    {
        const int Different = 50;
        using var tissue = new Tissue(Different, Different, Side);
        var ml = new MLContext(1);
        using var chain = new BenchmarkChain(ml, tissue.Dataset, NetworkSize.Small, batchSize: 8);
        var train = Repeated(ml, tissue.Dataset.Load(ml, DatasetSplit.Train), count, Different);
        var test = Repeated(ml, tissue.Dataset.Load(ml, DatasetSplit.Test), count, Different);

        var clock = Stopwatch.StartNew();
        Count(chain.Model.Transform(train), "PseudoMask.bn7");
        var masks = clock.Elapsed;
        clock.Restart();
        var metrics = ml.TissueSegmentation.Evaluate(chain.Model.Transform(test));
        var evaluation = clock.Elapsed;
        if (metrics.ProtocolA.PixelAccuracy is < 0 or double.NaN)
        {
            throw new InvalidOperationException("Nothing was evaluated.");
        }

        Console.WriteLine(new ScalePoint(count, masks.TotalSeconds, evaluation.TotalSeconds, ProcessMemory.PeakMiB).Line);
    }

    private static IDataView Repeated(MLContext ml, IDataView table, int count, int different) =>
        count <= different ? ml.Data.TakeRows(table, count) : new RepeatedView(table, count / different);

    private static void Count(IDataView table, string column)
    {
        using var cursor = table.GetRowCursor([table.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<byte>>(table.Schema[column]);
        VBuffer<byte> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
        }
    }
}
