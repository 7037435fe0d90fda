using System.Diagnostics;
using System.Globalization;

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>Runs the load probe, a program that knows ML.NET and nothing of Mlps, beside this test assembly and with its dependencies.</summary>
internal static class LoadProbeProcess
{
    private const string Probe = "Mlps.ML.LoadProbe";

    /// <summary>What the probe printed.</summary>
    public sealed record Outcome(int ExitCode, string Output, string Error)
    {
        /// <summary>Values of one column, row by row.</summary>
        public float[][] Column(string name) =>
        [
            .. Output.Split('\n').Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
                .Select(line => line.TrimEnd().Split(' ').Skip(2).Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToArray()),
        ];

        public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
    }

    /// <summary>Loads a model in a new process and applies it to the images of <see cref="LoadProbe.TestImages"/>.</summary>
    public static async Task<Outcome> RunAsync(string model, int rows, int width, int height, params string[] columns)
    {
        var folder = AppContext.BaseDirectory;
        var own = typeof(LoadProbeProcess).Assembly.GetName().Name!;
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in (string[])
        [
            "exec", "--runtimeconfig", $"{own}.runtimeconfig.json", "--depsfile", $"{own}.deps.json", $"{Probe}.dll",
            model, .. new[] { rows, width, height }.Select(number => number.ToString(CultureInfo.InvariantCulture)), .. columns,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{dotnet} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{Probe} did not end within two minutes.");
        }

        return new Outcome(process.ExitCode, await output, await error);
    }
}
