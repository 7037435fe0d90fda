using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Torch.Ranks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Training;

namespace Mlps.Cli.Commands;

/// <summary>The program's command line: what there is, and how it ends.</summary>
internal static class RootCommandLine
{
    /// <summary>All commands with their options.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("Learns to colour every pixel of a tissue image from labels that say only which tissues occur in a patch. Without a command: a demonstration on synthetic tissue.");
        DemoCommand.AddTo(root);
        root.Add(TrainCommand.Create());
        root.Add(EvaluateCommand.Create());
        root.Add(PredictCommand.Create());
        root.Add(ExportCommand.Create());
        root.Add(SlidesCommand.Create());
        root.Add(CohortCommand.Create());
        root.Add(PatchesCommand.Create());
        root.Add(LabelCommand.Create());
        root.Add(FiguresCommand.Create());
        ReadableOptions.Require(root);
        return root;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var root = Create();
        Terminal.Terminal.Prepare();
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"error: {OneLine(parsed.Errors[0].Message)} See --help.").ConfigureAwait(false);
            return ExitCode.UserError;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        try
        {
            if (!LabelCommand.IsChosen(parsed))
            {
                LibTorch.EnsureLoaded();
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (Explanation(exception, stop.Token) is { } explanation)
        {
            if (RankJob.Current is { } job)
            {
                return End(job, exception, explanation, stop.Token);
            }

            Say(explanation.Prefix + explanation.Message);
            return explanation.Code;
        }
        finally
        {
            if (Terminal.Terminal.LostOutput is { } fault)
            {
                await Console.Error.WriteLineAsync($"warning: some lines could not be written to the standard output: {OneLine(fault)}").ConfigureAwait(false);
            }
        }
    }

    /// <summary>The first signal lets the image or step at hand end; the second ends the process, as without this handler.</summary>
    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = !stop.IsCancellationRequested;
        if (context.Cancel)
        {
            // Cancelled first: a terminal that was closed cannot be written to any more.
            stop.Cancel();
            if (RankJob.Current is null or { Writes: true })
            {
                Say("warning: Stopping after the image or step at hand; a second signal ends the program at once.");
            }
        }
    }

    /// <summary>Writes a line to the standard error output, where there is one.</summary>
    private static void Say(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException)
        {
            // Whoever read it has gone, as when a terminal is closed.
        }
    }

    /// <summary>Ends this rank with the others: at once where they have agreed to stop, and else by ending them too.</summary>
    private static int End(RankJob job, Exception exception, (string Prefix, string Message, int Code) explanation, CancellationToken stop)
    {
        if (IsAgreed(exception))
        {
            if (job.Writes)
            {
                Say(explanation.Message);
            }

            job.Leave();
        }
        else
        {
            job.Abort(rank => Say(explanation.Prefix + rank + explanation.Message), explanation.Code, stop);
        }

        return explanation.Code;
    }

    private static bool IsAgreed(Exception? exception) => exception is RankStopException || (exception is not null && IsAgreed(exception.InnerException));

    /// <summary>One line for the user, for everything that is not a fault of the program.</summary>
    private static (string Prefix, string Message, int Code)? Explanation(Exception exception, CancellationToken stop)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is RankStopException || (inner is OperationCanceledException && stop.IsCancellationRequested))
            {
                return (string.Empty, "Stopped.", ExitCode.Interrupted);
            }

            if (inner is TissueDataException or SlideException or TrainingException or LibTorchLoadException or ArgumentException or FormatException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                return ("error: ", OneLine(inner.Message), ExitCode.UserError);
            }
        }

        return null;
    }

    private static string OneLine(string message) => Terminal.Printable.Escape(message.ReplaceLineEndings(" ").Trim());
}
