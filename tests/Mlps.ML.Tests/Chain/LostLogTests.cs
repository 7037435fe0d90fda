using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Logs that cannot be written while a training runs.</summary>
[Collection(ChainTests.Name)]
public sealed class LostLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_JsonLinesThatCannotBeWritten_IsAWarningAndTheModelIsTheSame()
    {
        Directory.CreateDirectory(_folder.Combine("patch-classifier.jsonl"));
        var (expected, silence) = Fit(logs: null);

        var (actual, warnings) = Fit(_folder.Path);

        Assert.Equal(expected, actual);
        Assert.Empty(silence);
        var warning = Assert.Single(warnings);
        Assert.Contains("patch-classifier.jsonl' cannot be written: ", warning, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(_folder.Combine("patch-classifier")));
    }

    [FullDeviceFact]
    public void Fit_DiskThatIsFull_CostsTheLogAndNothingElse()
    {
        File.CreateSymbolicLink(_folder.Combine("patch-classifier.jsonl"), "/dev/full");
        var (expected, _) = Fit(logs: null);

        var (actual, warnings) = Fit(_folder.Path);

        Assert.Equal(expected, actual);
        Assert.Contains("patch-classifier.jsonl' cannot be written: ", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static (float[][] Probabilities, List<string> Warnings) Fit(string? logs)
    {
        var ml = new MLContext(seed: 7);
        var warnings = new List<string>();
        ml.Log += (_, entry) =>
        {
            if (entry.Kind is ChannelMessageKind.Warning && entry.RawMessage.Contains("Training goes on", StringComparison.Ordinal))
            {
                warnings.Add(entry.RawMessage);
            }
        };
        var table = TinyTable.Patches(6).Labelled();
        using var classifier = ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { Run = new() { LogDirectory = logs } }).Fit(table);
        return ([.. classifier.Transform(table).Vectors<float>("Probability")], warnings);
    }
}

/// <summary>A test that writes to a device without room; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullDeviceFactAttribute : FactAttribute
{
    public FullDeviceFactAttribute() => Skip = File.Exists("/dev/full") ? null : "There is no /dev/full here.";
}
