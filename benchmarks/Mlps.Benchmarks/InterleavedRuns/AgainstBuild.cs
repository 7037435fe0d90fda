using System.Diagnostics;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>This build against another: <c>against PATH/Mlps.Benchmarks.dll [variants]</c> runs both, each in a process of its own, in interleaved runs.</summary>
internal static class AgainstBuild
{
    public const string Verb = "against";

    public static void Run(string otherBuild, string[] variants)
    {
        if (!File.Exists(otherBuild))
        {
            throw new UsageException($"There is no file {otherBuild}.");
        }

        foreach (var variant in variants.Length > 0 ? variants : [.. ServedVariant.Rounds.Keys])
        {
            if (!ServedVariant.Rounds.TryGetValue(variant, out var rounds))
            {
                throw new UsageException($"Nothing is called '{variant}'. There are: {string.Join(", ", ServedVariant.Rounds.Keys)}.");
            }

            using var other = new Serving(new ProcessStartInfo("dotnet", [otherBuild, ServedVariant.Verb, variant]) { RedirectStandardOutput = true });
            using var own = new Serving(ThisProgram.With(ServedVariant.Verb, variant));
            InterleavedTimer.Measure(variant, rounds, 1, ("the other build", other.Run), ("this build", own.Run));
        }
    }

    private sealed class Serving : IDisposable
    {
        private readonly Process _process;

        public Serving(ProcessStartInfo start)
        {
            start.RedirectStandardInput = true;
            _process = Process.Start(start)!;
            ReadAnswer();
        }

        public void Run()
        {
            _process.StandardInput.WriteLine();
            ReadAnswer();
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }

        private void ReadAnswer()
        {
            var answer = _process.StandardOutput.ReadLine();
            if (answer != ServedVariant.Verb)
            {
                throw new InvalidOperationException($"The process of '{_process.StartInfo.FileName}' said '{answer}' instead of '{ServedVariant.Verb}'.");
            }
        }
    }
}
