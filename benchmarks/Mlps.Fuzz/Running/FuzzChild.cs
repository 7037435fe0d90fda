using System.Diagnostics;
using System.Globalization;
using Mlps.Fuzz.Formats;

namespace Mlps.Fuzz.Running;

/// <summary>A child process that runs cases; where one ends it, never ends or takes too much memory, the next gets a new process.</summary>
internal sealed class FuzzChild(FuzzFormat format, int seed, IReadOnlyList<string> files, FuzzLimits limits) : IDisposable
{
    private const int LinesKept = 12;
    private const int LongestLine = 300;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _start = TimeSpan.FromMinutes(3);

    private readonly List<string> _errors = [];
    private Process? _process;

    /// <summary>Runs a case.</summary>
    /// <exception cref="InvalidOperationException">The process cannot start, or fails on sound files.</exception>
    public CaseResult Run(int number)
    {
        var process = _process ??= Start();
        var clock = Stopwatch.StartNew();
        try
        {
            process.StandardInput.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It died after the case before; its end is found below.
        }

        var (line, why) = Read(process, limits.Time, limits.ProcessBytes);
        if (line is not null)
        {
            return Judge(CaseResult.FromLine(line)!);
        }

        var outcome = why is null ? CaseOutcome.Crashed : CaseOutcome.Hung;
        var memory = PeakMemory.Of(process.Id);
        Stop();
        return new CaseResult(number, outcome, clock.Elapsed.TotalMilliseconds, memory, 0, $"{why ?? $"the process ended with exit code {process.ExitCode}"}. {Errors()}");
    }

    public void Dispose() => Stop();

    private CaseResult Judge(CaseResult result)
    {
        var most = limits.CaseBytes + (2 * result.FileLength);
        return !result.IsFault && result.MemoryBytes > most
            ? result with { Outcome = CaseOutcome.Failed, Message = string.Create(CultureInfo.InvariantCulture, $"{result.Message}: took {result.MemoryBytes >> 10} KiB of memory, where {most >> 10} are the most for a file of {result.FileLength} bytes.") }
            : result;
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "Mlps.Fuzz.dll"), "serve", "--format", format.ToString(), "--seed", seed.ToString(CultureInfo.InvariantCulture), .. files])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in limits.Environment)
        {
            start.Environment[name] = value;
        }

        _errors.Clear();
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                // The first lines say what happened, and the stack begins there.
                if (_errors.Count < LinesKept && line.Data is { Length: > 0 } text)
                {
                    _errors.Add(text[..Math.Min(text.Length, LongestLine)].Trim());
                }
            }
        };
        process.BeginErrorReadLine();
        _process = process;
        if (Read(process, _start, long.MaxValue).Line is null)
        {
            Stop();
            throw new InvalidOperationException($"The process for {format} fails on sound files. {Errors()}");
        }

        return process;
    }

    /// <summary>The next line of the protocol; null where the process ended, and why where it was not given more time.</summary>
    private static (string? Line, string? Why) Read(Process process, TimeSpan limit, long most)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var reading = process.StandardOutput.ReadLineAsync();
            while (!reading.Wait(_poll))
            {
                if (clock.Elapsed > limit)
                {
                    return (null, string.Create(CultureInfo.InvariantCulture, $"no end after {limit.TotalSeconds} s"));
                }

                if (PeakMemory.Of(process.Id) > most)
                {
                    return (null, string.Create(CultureInfo.InvariantCulture, $"the process has more than {most >> 20} MiB"));
                }
            }

            if (reading.Result is not { } line || line.StartsWith('#'))
            {
                return (reading.Result, null);
            }
        }
    }

    private string Errors()
    {
        lock (_errors)
        {
            return string.Join(" | ", _errors);
        }
    }

    private void Stop()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process = null;
    }
}
