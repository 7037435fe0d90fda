using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Mlps.Benchmarks.Setup;

/// <summary>How a benchmark is measured: in this process, one operation an iteration; MLPS_BENCHMARK_ITERATIONS sets more iterations.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BenchmarkConfigurationAttribute : Attribute, IConfigSource
{
    private const string Iterations = "MLPS_BENCHMARK_ITERATIONS";

    /// <param name="iterations">Iterations that are measured.</param>
    /// <param name="perSecond">What is counted by the second.</param>
    /// <param name="warmups">Iterations before those; zero where the benchmark warms up by itself.</param>
    public BenchmarkConfigurationAttribute(int iterations, string perSecond, int warmups = 1)
    {
        PerSecond = perSecond;
        var count = int.TryParse(Environment.GetEnvironmentVariable(Iterations), out var set) ? set : iterations;
        var job = Job.Default
            .WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(30), logOutput: true))
            .WithStrategy(RunStrategy.Monitoring)
            .WithLaunchCount(1)
            .WithWarmupCount(warmups)
            .WithIterationCount(count)
            .WithInvocationCount(1)
            .WithUnrollFactor(1);
        Config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max, BaselineRatioColumn.RatioMean, new PerSecondColumn(perSecond))
            .AddExporter(JsonExporter.Brief);
    }

    /// <summary>What is counted by the second.</summary>
    public string PerSecond { get; }

    /// <inheritdoc/>
    public IConfig Config { get; }
}
