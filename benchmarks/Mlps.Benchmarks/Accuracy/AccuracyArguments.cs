using System.Globalization;
using Mlps.Benchmarks.Setup;
using Mlps.ML;

namespace Mlps.Benchmarks.Accuracy;

/// <summary>What <c>accuracy</c> was told: <c>--data DIR --seeds 1,2,3 [--set name,name] [--split val,test] [--output DIR]</c>.</summary>
internal sealed record AccuracyArguments
{
    private const string Usage = "accuracy --data DIR [--seeds 1,2,3] [--set name,name] [--split val,test] [--output DIR]";

    /// <summary>The dataset's folder.</summary>
    public required string Data { get; init; }

    /// <summary>A training for each.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>The settings to train with, by name.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [AccuracySets.Default];

    /// <summary>What is scored: choices are made on the validation set, and the test set is looked at once.</summary>
    public IReadOnlyList<DatasetSplit> Splits { get; init; } = [DatasetSplit.Validation];

    /// <summary>Where tables, models and single results go.</summary>
    public string Output { get; init; } = "accuracy";

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">An argument is unknown or has no value.</exception>
    public static AccuracyArguments Read(string[] arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || arguments[i] is not ("--data" or "--seeds" or "--set" or "--split" or "--output"))
            {
                throw new UsageException($"'{arguments[i]}' is not understood. Usage: {Usage}");
            }

            given[arguments[i]] = arguments[i + 1];
        }

        var read = new AccuracyArguments { Data = given.GetValueOrDefault("--data") ?? throw new UsageException($"--data is missing. Usage: {Usage}") };
        return read with
        {
            Seeds = given.TryGetValue("--seeds", out var seeds) ? [.. seeds.Split(',').Select(seed => Arguments.Count(seed, "a seed"))] : read.Seeds,
            Sets = given.TryGetValue("--set", out var sets) ? sets.Split(',') : read.Sets,
            Splits = given.TryGetValue("--split", out var splits) ? [.. splits.Split(',').Select(Split)] : read.Splits,
            Output = given.GetValueOrDefault("--output") ?? read.Output,
        };
    }
    private static DatasetSplit Split(string name) => name switch
    {
        "val" => DatasetSplit.Validation,
        "test" => DatasetSplit.Test,
        _ => throw new UsageException($"--split has '{name}'; it can have val and test. Usage: {Usage}"),
    };
}
