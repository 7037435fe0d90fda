using Spectre.Console;

namespace Mlps.Cli.Terminal;

/// <summary>Shows work of a known length: a bar on a terminal, nothing but its end elsewhere.</summary>
internal static class WorkDisplay
{
    /// <summary>Runs work that calls its argument once for each of <paramref name="count"/> steps.</summary>
    public static T Run<T>(string what, int count, Func<Action, T> work)
    {
        if (!Terminal.IsInteractive)
        {
            Say.Line($"{what}: {count} images");
            return work(static () => { });
        }

        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(bars =>
            {
                var bar = bars.AddTask(Markup.Escape(what), maxValue: Math.Max(1, count));
                return work(() => bar.Increment(1));
            });
    }
}
