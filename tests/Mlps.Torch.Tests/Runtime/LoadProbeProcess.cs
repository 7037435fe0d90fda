using System.Diagnostics;
using System.Reflection;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Runs the load probe, a small program that loads libtorch and adds three ones, in a process of its own.</summary>
internal static class LoadProbeProcess
{
    private const string Probe = "Mlps.Torch.LoadProbe";
    private static readonly string TestName = Assembly.GetExecutingAssembly().GetName().Name!;

    /// <summary>What a run of the probe printed. It has computed if it got the sum, and an answer on CUDA, whichever.</summary>
    public sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public bool Computed => ExitCode == 0 && Output.StartsWith("sum 3\ncuda ", StringComparison.Ordinal);

        public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
    }

    /// <summary>Runs it as an application with the tests' own libtorch.</summary>
    public static Task<Outcome> RunWithLibTorchAsync(string mode, params (string Name, string? Value)[] environment) =>
        RunAsync(AppContext.BaseDirectory, TestName, mode, environment);

    /// <summary>Runs it in a folder made by <see cref="PlaceWithoutLibTorch"/>.</summary>
    public static Task<Outcome> RunInAsync(string application, string mode, params (string Name, string? Value)[] environment) =>
        RunAsync(application, Probe, mode, environment);

    /// <summary>Places the probe in a folder as an application with TorchSharp and without libtorch (<c>TorchBackend=none</c>).</summary>
    public static void PlaceWithoutLibTorch(string application)
    {
        const string Natives = "runtimes/linux-x64/native";
        foreach (var name in (string[])[$"{Probe}.dll", $"{Probe}.deps.json", $"{Probe}.runtimeconfig.json", "Mlps.Torch.dll", "TorchSharp.dll", "Google.Protobuf.dll", "ICSharpCode.SharpZipLib.dll", "SkiaSharp.dll"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(application, name));
        }

        Directory.CreateDirectory(Path.Combine(application, Natives));
        File.Copy(Runtime.Natives.TorchSharpLibraryPath, Path.Combine(application, Natives, "libLibTorchSharp.so"));
    }

    private static async Task<Outcome> RunAsync(string folder, string configuration, string mode, (string Name, string? Value)[] environment)
    {
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in (string[])["exec", "--runtimeconfig", Path.Combine(folder, $"{configuration}.runtimeconfig.json"), "--depsfile", Path.Combine(folder, $"{configuration}.deps.json"), Path.Combine(folder, $"{Probe}.dll"), .. mode.Split(' ')])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("MLPS_LIBTORCH");

        // Where TorchSharp cannot load libtorch it copies packages' libraries beside itself; without packages it leaves the folder alone.
        start.Environment["NUGET_PACKAGES"] = Path.Combine(folder, "no-packages");
        foreach ((var name, var value) in environment)
        {
            start.Environment[name] = value;
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
            throw new TimeoutException($"{Probe} {mode} did not end within two minutes.");
        }

        return new Outcome(process.ExitCode, await output, await error);
    }
}
