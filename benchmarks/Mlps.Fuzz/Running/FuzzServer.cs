using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Mlps.Fuzz.Formats;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Running;

/// <summary>The child process: runs the cases whose numbers it is sent, one a line, and answers each with a line.</summary>
internal static class FuzzServer
{
    /// <summary>The line that says that cases may come.</summary>
    public const string Ready = "#ready";

    public static int Run(FuzzFormat format, int seed, IEnumerable<string> files)
    {
        // Ctrl-C reaches the whole group of processes; the parent ends the run after this case.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        Console.SetOut(Console.Error);
        using var fuzzer = FuzzFormats.Create(format, seed, files);
        fuzzer.WarmUp();
        output.WriteLine(Ready);
        while (Console.ReadLine() is { } line)
        {
            output.WriteLine(Run(fuzzer, int.Parse(line, CultureInfo.InvariantCulture)).ToLine());
        }

        return 0;
    }

    private static CaseResult Run(IFormatFuzzer fuzzer, int number)
    {
        var before = PeakMemory.Reset();
        var clock = Stopwatch.StartNew();
        try
        {
            var ended = fuzzer.Run(number);
            return new CaseResult(number, ended.IsRead ? CaseOutcome.Read : CaseOutcome.Refused, clock.Elapsed.TotalMilliseconds, PeakMemory.Peak - before, ended.FileLength, ended.Description);
        }
        catch (FuzzFailureException exception)
        {
            return new CaseResult(number, CaseOutcome.Failed, clock.Elapsed.TotalMilliseconds, PeakMemory.Peak - before, 0, $"{exception.Message} {exception.InnerException}");
        }
    }
}
