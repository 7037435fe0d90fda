using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Mlps.ML.Tests.Chain;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.ML.Tests.CommandLine;

/// <summary><c>train --ranks mpi</c>, by Open MPI.</summary>
[Collection(ChainTests.Name)]
public sealed class RankTests : IDisposable
{
    private const int Steps = 20;
    private const string Batch = "8";
    private const double LossTolerance = 1e-5;

    /// <summary>Of a single step: a BatchNorm multiplies rounding where its pixels happen to be nearly alike.</summary>
    private const double StepTolerance = 1e-4;
    private const double WeightTolerance = 1e-4;

    /// <summary>Starts the rest as a job, and kills one of its ranks once it has trained some steps.</summary>
    private const string KillARank = """
        "$@" >killed.txt 2>&1 & job=$!
        tenths=0
        while [ "$(cat killed-logs/patch-classifier.jsonl 2>/dev/null | wc -l)" -lt 2 ] && [ $tenths -lt 900 ]; do sleep 0.1; tenths=$((tenths + 1)); done
        kill -KILL $(ps -o pid= --ppid $job | tail -n 1)
        wait $job
        """;

    private readonly CommandLineFolder _folder;

    public RankTests(TrainedChain chain)
    {
        _folder = new(chain);
        for (var number = 0; number < 8; number++)
        {
            _folder.Image(string.Create(CultureInfo.InvariantCulture, $"data/train/patch{number}-[{number % 2} {(number + 1) % 2}].png"), number);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The acceptance of sharing: losses of every step, and final weights. Then a rank is killed, and the job goes on from its checkpoint to the same bits.</summary>
    [MpiFact]
    public void TwoRanks_TrainWhatOneDoes_AlsoWhereOneIsKilled()
    {
        var (exitCode, output) = _folder.Run(Arguments("alone"));
        Assert.True(exitCode == 0, output);
        (exitCode, output) = _folder.RunAs(Ranks(2), Arguments("shared", "--ranks", "mpi", "--checkpoint", "kept"));
        Assert.True(exitCode == 0, output);

        Assert.Contains("2 ranks, by Open MPI", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.StartsWith("Written: shared.zip", StringComparison.Ordinal));
        var (alone, shared) = (Losses("alone"), Losses("shared"));
        Assert.Equal(Steps, alone.Length);
        double[] differences = [.. alone.Zip(shared, (one, other) => Math.Abs(one - other))];
        Assert.True(differences.Max() <= StepTolerance && differences.Average() <= LossTolerance, string.Join(", ", differences));
        AssertClose("alone", "shared");

        (exitCode, output) = _folder.RunAs(["bash", "-c", KillARank, "bash", .. Ranks(2)], Arguments("killed", "--ranks", "mpi", "--checkpoint", "again"));
        Assert.True(exitCode != 0, output + File.ReadAllText(_folder.File("killed.txt")));
        Assert.False(File.Exists(_folder.File("killed.zip")));

        (exitCode, output) = _folder.RunAs(Ranks(2), Arguments("killed", "--ranks", "mpi", "--checkpoint", "again"));
        Assert.True(exitCode == 0, output);
        Assert.Equal(Losses("shared"), Losses("killed"));
    }

    [MpiFact]
    public void BatchThatTheRanksCannotShare_IsOneLine()
    {
        var (exitCode, output) = _folder.RunAs(Ranks(2), [.. Arguments("trained", "--ranks", "mpi").Select(argument => argument == Batch ? "3" : argument)]);

        Assert.NotEqual(0, exitCode);
        Assert.Single(output.Split('\n'), line => line.Contains("error: A batch of 3 patches cannot be shared evenly by 2 ranks.", StringComparison.Ordinal));
        Assert.False(File.Exists(_folder.File("trained.zip")));
    }

    [Fact]
    public void OpenMpiIsNotInstalled_NamesThePackage()
    {
        var (exitCode, output) = _folder.RunAs(["env", "MLPS_MPI=libnowhere.so"], Arguments("trained", "--ranks", "mpi"));

        Assert.Equal(1, exitCode);
        Assert.Contains("error: Open MPI's library 'libnowhere.so' cannot be loaded", output, StringComparison.Ordinal);
        Assert.Contains("apt-get install libopenmpi3", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherLibrary_IsRefused()
    {
        var (exitCode, output) = _folder.RunAs(["env", "MLPS_MPI=libc.so.6"], Arguments("trained", "--ranks", "mpi"));

        Assert.Equal(1, exitCode);
        Assert.Contains("The library 'libc.so.6' is not Open MPI", output, StringComparison.Ordinal);
    }

    private static string[] Ranks(int count) =>
        ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", count.ToString(CultureInfo.InvariantCulture)];

    /// <summary>A batch is all patches, and so an epoch a step.</summary>
    private static string[] Arguments(string name, params string[] more) =>
    [
        "train", "--data", "data", "--model", name + ".zip", "--output", name, "--log", name + "-logs", "--start", "random", "--width", "0.03125", "--classifier-epochs", Steps.ToString(CultureInfo.InvariantCulture),
        "--segmenter-epochs", "1", "--batch-size", Batch, "--classifier-rate", "0.0002", .. more,
    ];

    private double[] Losses(string name) =>
    [
        .. File.ReadLines(_folder.File(name + "-logs/patch-classifier.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).Where(report => report.GetProperty("epochEnded").GetBoolean())
            .Select(report => report.GetProperty("loss").GetDouble()),
    ];

    private void AssertClose(string first, string second)
    {
        using var scope = NewDisposeScope();
        var (one, other) = (Weights(first), Weights(second));
        Assert.All(one, weight => Assert.True(weight.Value.sub(other[weight.Key]).abs().max().item<double>() <= WeightTolerance, weight.Key));
    }

    private Dictionary<string, Tensor> Weights(string name)
    {
        var model = new MLContext(1).Model.Load(_folder.File(name + ".zip"), out _);
        var classifier = ((IEnumerable<ITransformer>)model).OfType<PatchClassifierTransformer>().Single();
        return classifier.Classifier.Network.state_dict().ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.Float64));
    }
}
