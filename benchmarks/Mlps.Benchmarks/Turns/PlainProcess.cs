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
        _process = Process.Start(start)!;
        Step();
    }

    /// <summary>Says no to what this library sets in a process. To be called before libtorch is loaded.</summary>
    public static void LeaveLibTorchAsItComes()
    {
        AppContext.SetSwitch("Mlps.Torch.KeepFreedMemory", false);
        AppContext.SetSwitch("Mlps.Torch.WaitBriefly", false);
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
