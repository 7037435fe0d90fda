using System.Text.RegularExpressions;
using Mlps.ML;
using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>Applications of one file (<c>dotnet run app.cs</c>), which are built for compilation ahead of time unless something says otherwise.</summary>
[Collection(ApplicationTests.Name)]
public sealed partial class FileBasedAppTests(PackedLibraries packed) : IDisposable
{
    private const string Program = $$"""
        {{SmallDataset.Program}}
        var validation = dataset.Load(ml, DatasetSplit.Validation);
        using var model = ml.TissueSegmentation.PatchClassifier(dataset.Classes, new() { Width = 1.0 / 64, Run = new() { ValidationSet = validation, CheckpointDirectory = "checkpoints", LogDirectory = "logs" }, Training = new() { Epochs = 2, BatchSize = 4 } })
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, new() { Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.0625 }, Run = new() { ValidationSet = validation, CheckpointDirectory = "checkpoints", LogDirectory = "logs" }, Training = new() { Epochs = 2, BatchSize = 4 } }))
            .Fit(train);
        ml.Model.Save(model, train.Schema, "model.zip");
        using var loaded = (TransformerChain<ITransformer>)ml.Model.Load("model.zip", out _);
        var images = TissueDataset.LoadImages(ml, "data/test/img");
        Console.WriteLine($"same masks: {model.Transform(images).GetColumn<byte[]>("PredictedMask").Zip(loaded.Transform(images).GetColumn<byte[]>("PredictedMask")).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))}");
        Console.WriteLine($"scored images: {ml.TissueSegmentation.Evaluate(loaded.Transform(dataset.Load(ml, DatasetSplit.Test))).PatchCount}");
        Console.WriteLine($"rows read: {ml.Data.CreateEnumerable<Row>(loaded.Transform(images), reuseRowObject: false).Count(row => row.PredictedMask.Length == 48 * 48)}");
        Console.WriteLine($"reflection in JSON: {System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault}");

        class Row
        {
            public byte[] PredictedMask { get; set; } = [];
        }
        """;

    [Fact]
    public void App_WithNothingButThePackages_TrainsSavesLoadsAndPredicts()
    {
        var output = Run("app.cs", $"#:package Mlps.ML@{packed.Version}\n#:package TorchSharp-cpu@0.107.0\n{Program}");

        Assert.Contains("same masks: True\nscored images: 2\nrows read: 2\nreflection in JSON: True", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    /// <summary>What an application sets itself stays, and the library does not need the reflection that it switches off; one that references the pretrained weights finds them. One application for both: building it is most of the time.</summary>
    [Fact]
    public void App_ThatSwitchesReflectionInJsonOff_DoesTheSame_AndFindsPretrainedWeights()
    {
        var found = $"Console.WriteLine($\"found: {{Mlps.Torch.Weights.PretrainedWeights.ResNet18.StartsWith(AppContext.BaseDirectory)}}\");";
        var output = Run(
            "strict.cs",
            $"#:package Mlps.ML@{packed.Version}\n#:package TorchSharp-cpu@0.107.0\n#:package Microsoft.ML.DnnImageFeaturizer.ResNet18@0.23.1\n#:property JsonSerializerIsReflectionEnabledByDefault=false\n{Program.Replace("class Row", found + "\nclass Row", StringComparison.Ordinal)}");

        Assert.Contains("same masks: True\nscored images: 2\nrows read: 2\nreflection in JSON: False\nfound: True", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void FirstSteps_InTheRepository_LeavesPicturesReportAndModel()
    {
        var folder = Folder("first-steps");

        // One epoch where the sample's own default is sixteen.
        var output = Command.RunFileSuccessfully(folder, packed.Builds, Path.Combine(RepositoryFolder.Root, "samples", "first-steps.cs"), "1");

        Assert.Contains("mean IoU", output, StringComparison.Ordinal);
        CheckReport(Path.Combine(folder, "first-steps"));
        Assert.True(File.ReadAllLines(Path.Combine(RepositoryFolder.Root, "samples", "first-steps.cs")).Length <= 40);
    }

    /// <summary>Both samples where their first lines say that they run: in another folder, with the package in place of the project.</summary>
    [Fact]
    public void Samples_OutsideTheRepository_RunFromThePackage()
    {
        var folder = Folder("outside");

        Run(folder, "first-steps.cs", FromPackage("first-steps.cs"), "1");
        var images = Path.Combine(folder, "first-steps", "tissue", "test", "img");
        Run(folder, "segment.cs", FromPackage("segment.cs"), Path.Combine(folder, "first-steps", "model.zip"), images);

        CheckReport(Path.Combine(folder, "first-steps"));
        var masks = Directory.GetFiles(images + "-masks", "*.png");
        Assert.Equal(20, masks.Length);
        Assert.Equal((128, 128), (PalettePng.Read(masks[0]).Width, PalettePng.Read(masks[0]).Height));
    }

    /// <summary>A gigabyte an application: gone before the next is built.</summary>
    public void Dispose() => packed.DeleteBuilds();

    private static void CheckReport(string folder)
    {
        var report = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.Contains("<caption>20 patches", report, StringComparison.Ordinal);
        Assert.Contains("<svg", report, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,", report, StringComparison.Ordinal);
        Assert.All((string[])["sheet.png", "overlay.png", "model.zip"], file => Assert.True(new FileInfo(Path.Combine(folder, file)).Length > 1000, file));
    }

    /// <summary>The sample with the line that its own comment gives, and the version of these tests.</summary>
    private string FromPackage(string sample)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "samples", sample));
        var line = PackageLine.Match(text).Value;
        Assert.NotEmpty(line);
        return ProjectLine.Replace(text, line.Replace("0.2.0-dev.*", packed.Version, StringComparison.Ordinal));
    }

    private string Run(string file, string program) => Run(Folder(Path.GetFileNameWithoutExtension(file)), file, program);

    private string Run(string folder, string file, string program, params string[] arguments)
    {
        File.WriteAllText(Path.Combine(folder, file), program);
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""<configuration><packageSources><add key="mlps" value="{packed.Feed}" /></packageSources></configuration>""");
        return Command.RunFileSuccessfully(folder, packed.Builds, file, arguments);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(packed.Folder, "file-based", name)).FullName;

    [GeneratedRegex(@"#:package Mlps\.ML@\S+")]
    private static partial Regex PackageLine { get; }

    [GeneratedRegex("^#:project .*$", RegexOptions.Multiline)]
    private static partial Regex ProjectLine { get; }
}
