using System.Diagnostics;
using System.Globalization;
using Mlps.Benchmarks.Benchmarks;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>
/// Plain training steps in a process of their own that leaves libtorch's memory and thread settings alone.
/// </summary>
internal sealed class PlainProcess : IDisposable
{
    public const string Verb = "plain-steps";

    private readonly Process _process;

    public PlainProcess(int stage)
    {
        var start = ThisProgram.With(Verb, stage.ToString(CultureInfo.InvariantCulture));
        start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        Step();
    }

    /// <summary>Switches off the library's settings for memory and threads. Call it before libtorch is loaded.</summary>
    public static void LeaveLibTorchAsItComes()
    {
        AppContext.SetSwitch("Mlps.Torch.KeepFreedMemory", false);
        AppContext.SetSwitch("Mlps.Torch.WaitBriefly", false);
    }

    /// <summary>Runs one step and waits for its end.</summary>
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

    /// <summary>Runs in the started process: one step for every line of input.</summary>
    public static void Serve(int stage)
    {
        var benchmark = new TrainingStepBenchmark { Stage = stage };
        benchmark.SetupPlain();
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(benchmark.Plain().ToString(CultureInfo.InvariantCulture));
        }
    }
}
