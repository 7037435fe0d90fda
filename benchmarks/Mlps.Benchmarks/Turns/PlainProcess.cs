using System.Diagnostics;
using System.Globalization;
using Mlps.Benchmarks.Questions;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.Turns;

/// <summary>
/// Plain training steps in a process of their own, in which libtorch runs as it comes: freed memory goes back to the system, and threads spin at barriers. This library sets both otherwise when it loads libtorch, which
/// a plain step in its own process gains by as well.
/// </summary>
internal sealed class PlainProcess : IDisposable
{
    public const string Verb = "plain-steps";

    private readonly Process _process;

    public PlainProcess(int stage)
    {
        var start = ThisProgram.With(Verb, stage.ToString(CultureInfo.InvariantCulture));
        start.RedirectStandardInput = true;

        // What GNU OpenMP takes by default, and a variable that changes nothing but keeps this library from changing glibc's defaults.
        start.Environment["GOMP_SPINCOUNT"] = "300000";
        start.Environment["GLIBC_TUNABLES"] = "glibc.malloc.tcache_count=7";
        _process = Process.Start(start)!;
        Step();
    }

    /// <summary>One step, and its end.</summary>
    public void Step()
    {
        _process.StandardInput.WriteLine();
        var answer = _process.StandardOutput.ReadLine();
        if (!double.TryParse(answer, CultureInfo.InvariantCulture, out _))
        {
            throw new InvalidOperationException($"The process of plain steps said '{answer}' instead of a loss.");
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The other side: a step for every line.</summary>
    public static void Serve(int stage)
    {
        var question = new TrainingStepQuestion { Stage = stage };
        question.SetupPlain();
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(question.Plain().ToString(CultureInfo.InvariantCulture));
        }
    }
}
