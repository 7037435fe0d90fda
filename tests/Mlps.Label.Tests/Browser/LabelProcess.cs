using System.Diagnostics;
using System.Text;
using Mlps.Testing;

namespace Mlps.Label.Tests.Browser;

/// <summary>The command mlps label in a process of its own, serving its page.</summary>
internal sealed class LabelProcess : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private LabelProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>The address that it printed.</summary>
    public Uri Address { get; }

    /// <summary>Starts it and waits until the page is served.</summary>
    public static async Task<LabelProcess> StartAsync(params string[] arguments)
    {
        var process = Process.Start(Start(["label", .. arguments]))!;
        using var limit = new CancellationTokenSource(_limit);
        var said = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            said.AppendLine(line);
            if (line.StartsWith("http://", StringComparison.Ordinal))
            {
                return new LabelProcess(process, new Uri(line));
            }
        }

        throw new InvalidOperationException($"mlps label ended without an address: {said}{await process.StandardError.ReadToEndAsync(limit.Token)}");
    }

    /// <summary>Runs a command of mlps to its end.</summary>
    public static (int ExitCode, string Output) Run(params string[] arguments) => ProcessRun.ToEnd(Start(arguments), _limit);

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo Start(string[] arguments)
    {
        var own = Path.Combine(AppContext.BaseDirectory, typeof(LabelProcess).Assembly.GetName().Name!);
        var start = new ProcessStartInfo(ProcessRun.DotNet, ["exec", "--runtimeconfig", own + ".runtimeconfig.json", "--depsfile", own + ".deps.json", Path.Combine(AppContext.BaseDirectory, "mlps.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        return start;
    }
}
