using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Training as the user of an <see cref="MLContext"/> sees it: seeds, cancellation, progress, devices, and tables that cannot be trained on.</summary>
[Collection(ChainTests.Name)]
public sealed class TrainingTests
{
    [Fact]
    public void Fit_SameSeed_SameWeights() => Assert.Equal(Weights(new MLContext(seed: 21)), Weights(new MLContext(seed: 21)));

    [Fact]
    public void Fit_OtherSeed_OtherWeights()
    {
        var (classifier, segmenter) = Weights(new MLContext(seed: 21));

        var (otherClassifier, otherSegmenter) = Weights(new MLContext(seed: 22));

        Assert.NotEqual(classifier, otherClassifier);
        Assert.NotEqual(segmenter, otherSegmenter);
    }

    [Fact]
    public void Fit_SeedInTheOptions_OverrulesTheContext()
    {
        var classifier = TinyChain.Classifier with { Training = TinyChain.Classifier.Training! with { Seed = 21 } };
        var segmenter = TinyChain.Segmenter with { Training = TinyChain.Segmenter.Training! with { Seed = 21 } };

        Assert.Equal(Weights(new MLContext(seed: 21)), Weights(new MLContext(seed: 5), classifier, segmenter));
    }

    [Fact]
    public void Fit_Progress_ReportsBothStagesInOrder()
    {
        var progress = new ProgressList();
        using var model = TinyChain.Create(
            new MLContext(1),
            TinyChain.Classifier with { Run = new() { Progress = progress }, Training = new() { Epochs = 2, BatchSize = 4 } },
            segmenter: TinyChain.Segmenter with { Run = new() { Progress = progress } }).Fit(TinyTable.Patches(8).Labelled());

        var ends = progress.Reports.Where(report => report.EpochEnded).Select(report => (report.Stage, report.Epoch, report.Epochs, report.Step, report.Steps));
        Assert.Equal([(TrainingStage.PatchClassifier, 1, 2, 2, 4), (TrainingStage.PatchClassifier, 2, 2, 4, 4), (TrainingStage.Segmenter, 1, 1, 2, 2)], ends);
        Assert.All(progress.Reports.Where(report => !report.Reading), report => Assert.True(double.IsFinite(report.Loss) && report.Loss > 0));
        Assert.Equal(
            Enum.GetValues<TrainingStage>().SelectMany(stage => Enumerable.Range(1, 8).Select(patch => (stage, (long)patch, 8L))),
            progress.Reports.Where(report => report.Reading).Select(report => (report.Stage, report.Step, report.Steps)));
    }

    [Theory]
    [InlineData(TrainingStage.PatchClassifier, true)]
    [InlineData(TrainingStage.PatchClassifier, false)]
    [InlineData(TrainingStage.Segmenter, true)]
    [InlineData(TrainingStage.Segmenter, false)]
    public void Fit_CancelledWhileReadingOrTraining_StopsAtOnceAndLeavesNothing(TrainingStage stage, bool reading)
    {
        using var source = new CancellationTokenSource();
        var cancel = new CancelAt(stage, reading, source);
        using var temporary = new TemporaryDirectory();
        var training = TinyTable.Patches(8).Labelled();

        Assert.ThrowsAny<OperationCanceledException>(() => TinyChain.Create(
            new MLContext(1),
            TinyChain.Classifier with { Run = new() { Progress = cancel, CancellationToken = source.Token } },
            segmenter: TinyChain.Segmenter with { Run = new() { Progress = cancel, CancellationToken = source.Token }, Training = new() { Epochs = 1000, BatchSize = 4 } }).Fit(training));

        Assert.Equal(1, cancel.Steps);
        Assert.Empty(Directory.GetFileSystemEntries(temporary.Path));
    }

    [Fact]
    public void Fit_CancelledBefore_TrainsNothing()
    {
        var patches = TinyTable.Patches(8);
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            TinyChain.Create(new MLContext(1), TinyChain.Classifier with { Run = new() { CancellationToken = source.Token } }).Fit(patches.Labelled()));

        Assert.InRange(patches.ImageReads, 0, 1);
    }

    [Fact]
    public void Fit_CancelledWhileTheGateOfTheValidationSetIsMade_StopsAtTheNextBatch()
    {
        const int Images = 24;
        var reads = 0;
        using var source = new CancellationTokenSource();
        var large = TinyTable.Images(Images, 40, 40);
        var image = new PatchColumn<MLImage>("Image", new ImageDataViewType(), (TissuePatch patch, ref MLImage value) =>
        {
            // The images with their masks come first, then once more those that the classifier looks at.
            if (++reads == Images + 1)
            {
                source.Cancel();
            }

            value?.Dispose();
            value = TinyTissue.Image(0, 40, 40);
        });
        var segmenter = TinyChain.Segmenter with { Run = new() { ValidationSet = large.View(large.Name, image, large.Mask), CancellationToken = source.Token } };

        Assert.ThrowsAny<OperationCanceledException>(() => TinyChain.Create(new MLContext(1), segmenter: segmenter).Fit(TinyTable.Patches(4).Labelled()));

        Assert.InRange(reads, Images + 1, Images + (2 * TinyChain.Classifier.ScoringBatchSize!.Value));
    }

    [Fact]
    public void Fit_PatchesOfTwoSizes_NamesRowColumnAndSizes()
    {
        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(new TinyTable(new TinyRow(0), new TinyRow(1), new TinyRow(2, 40, 32)).Labelled()));

        Assert.StartsWith("Column 'Image', 'patch 2': the image has 40x32 pixels, the first one 32x32.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NoRows_SaysSo()
    {
        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(TinyTable.Patches(0).Labelled()));

        Assert.Contains("has no rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LabelShorterThanItsColumnSays_NamesRowColumnAndLengths()
    {
        var patches = TinyTable.Patches(3);
        var table = patches.View(patches.Name, patches.Image, patches.LabelOf(number => number == 1 ? [true] : TinyTissue.Label(number)));

        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(table));

        Assert.Equal("Column 'Label', 'patch 1': the label has 1 entries for 2 classes.", error.Message);
    }

    [Fact]
    public void Fit_TableWithoutNames_NamesTheRowByItsPosition()
    {
        var patches = new TinyTable(new TinyRow(0), new TinyRow(1, 40, 32));

        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(patches.View(patches.Image, patches.Label)));

        Assert.StartsWith("Column 'Image', row 1:", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A table that is read by several threads at once, each of which counts its own rows.</summary>
    [Theory]
    [InlineData("image", "Column 'Image', row 20: the image has 40x32 pixels")]
    [InlineData("label", "Column 'Label', row 20: the label has 1 entries for 2 classes.")]
    public void Fit_LongTableWithoutNames_NamesTheRowByItsPosition(string fault, string message)
    {
        var patches = new TinyTable(Enumerable.Range(0, 40).Select(number => fault == "image" && number == 20 ? new TinyRow(number, 40, 32) : new TinyRow(number)));
        var label = patches.LabelOf(number => fault == "label" && number == 20 ? [true] : TinyTissue.Label(number));

        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(patches.View(patches.Image, label)));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_TableWithPathsInPlaceOfNames_NamesThePath()
    {
        var patches = new TinyTable(new TinyRow(0), new TinyRow(1, 40, 32));
        var path = new PatchColumn<ReadOnlyMemory<char>>("ImagePath", TextDataViewType.Instance, (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.ImagePath.AsMemory());

        var error = Assert.Throws<TissueDataException>(() => TinyChain.Create(new MLContext(1)).Fit(patches.View(path, patches.Image, patches.Label)));

        Assert.StartsWith("Column 'Image', '/nowhere/patch 1.png':", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_PseudoMaskOfAnotherClassCount_NamesRowColumnAndIndex()
    {
        var patches = TinyTable.Patches(2);
        var masks = TinyChain.Segmenter.PseudoMaskColumnNames.Select(name => patches.Bytes(name, row => [.. Enumerable.Repeat((byte)(row.Number == 1 ? 3 : 0), 32 * 32)]));

        var error = Assert.Throws<TissueDataException>(() => new MLContext(1).TissueSegmentation
            .GatedSegmenter(TinyTissue.Classes, TinyChain.Segmenter with { Segmentation = new() { Gate = GateMode.None } }).Fit(patches.View([patches.Name, patches.Image, .. masks])));

        Assert.StartsWith("Column 'PseudoMask.b4_5', 'patch 1': the mask has class index 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_TissueThatNoPatchHas_WarnsInTheLog()
    {
        var (ml, log) = Logged(new MLContext(1));
        var patches = TinyTable.Patches(4);

        using var classifier = ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier).Fit(patches.View(patches.Name, patches.Image, patches.LabelOf(_ => [true, false])));

        Assert.Contains(log, entry => entry.Kind == ChannelMessageKind.Warning && entry.Message.Contains("No training patch has 'layered'", StringComparison.Ordinal));
        Assert.Contains(log, entry => entry.Kind == ChannelMessageKind.Warning && entry.Message.Contains("Every training patch has 'striped'", StringComparison.Ordinal));
        Assert.Contains(log, entry => entry.Kind == ChannelMessageKind.Info && entry.Message.Contains("Epoch 1 of 1: loss", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_GpuThatIsNotThereWithFallback_WarnsAndTrainsOnTheCpu()
    {
        var (ml, log) = Logged(new MLContext(1) { GpuDeviceId = 99, FallbackToCpu = true });

        using var model = TinyChain.Create(ml).Fit(TinyTable.Patches(4).Labelled());

        Assert.Contains(log, entry => entry.Kind == ChannelMessageKind.Warning && entry.Message.Contains("GPU 99 was requested", StringComparison.Ordinal) && entry.Message.Contains("CPU instead", StringComparison.Ordinal));
        Assert.Equal(4, model.Transform(TinyTable.Patches(4).Labelled()).Vectors<byte>("PredictedMask").Length);
    }

    [Fact]
    public void Fit_GpuThatIsNotThereWithoutFallback_FailsAndSaysWhatToDo()
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            TinyChain.Create(new MLContext(1) { GpuDeviceId = 99, FallbackToCpu = false }).Fit(TinyTable.Patches(4).Labelled()));

        Assert.StartsWith("GPU 99 was requested (MLContext.GpuDeviceId)", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set FallbackToCpu", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Digests of the weights that a training ends with.</summary>
    private static (string Classifier, string Segmenter) Weights(MLContext ml, PatchClassifierOptions? classifier = null, GatedSegmenterOptions? segmenter = null)
    {
        using var model = TinyChain.Create(ml, classifier, segmenter: segmenter).Fit(TinyTable.Patches(8).Labelled());
        return (Digest(model.ClassifierOf().Classifier.Network), Digest(model.LastTransformer.Segmenter.Network));
    }

    private static string Digest(torch.nn.Module network)
    {
        using var scope = torch.NewDisposeScope();
        var values = network.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .SelectMany(entry => entry.Value.detach().to(torch.ScalarType.Float64).data<double>().ToArray()).ToArray();
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<double>(values)));
    }

    private static (MLContext Context, List<LoggingEventArgs> Log) Logged(MLContext ml)
    {
        var log = new List<LoggingEventArgs>();
        ml.Log += (_, entry) => log.Add(entry);
        return (ml, log);
    }

    /// <summary>Cancels at the first patch that a stage reads, or at its first step, and counts those that are done all the same.</summary>
    private sealed class CancelAt(TrainingStage stage, bool reading, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public int Steps { get; private set; }

        public void Report(TrainingProgress value)
        {
            if (value.Stage == stage && value.Reading == reading)
            {
                Steps++;
                source.Cancel();
            }
        }
    }

    /// <summary>A folder in the place of the system's temporary one, until it is disposed.</summary>
    private sealed class TemporaryDirectory : IDisposable
    {
        private const string Variable = "TMPDIR";
        private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

        public TemporaryDirectory()
        {
            Path = Directory.CreateTempSubdirectory("mlps-chain-").FullName;
            Environment.SetEnvironmentVariable(Variable, Path);
        }

        public string Path { get; }

        public void Dispose()
        {
            Environment.SetEnvironmentVariable(Variable, _before);
            Directory.Delete(Path, recursive: true);
        }
    }
}
