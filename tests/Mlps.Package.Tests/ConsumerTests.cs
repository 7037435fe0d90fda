using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>Applications that have the packages and nothing else of this repository.</summary>
[Collection(ApplicationTests.Name)]
public sealed class ConsumerTests(PackedLibraries packed)
{
    private const string Train = $$"""
        {{SmallDataset.Program}}
        var model = ml.TissueSegmentation.PatchClassifier(dataset.Classes, new() { Width = 1.0 / 32, Training = new() { Epochs = 2, BatchSize = 4 } })
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, new() { Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.125 }, Training = new() { Epochs = 2, BatchSize = 4 } }))
            .Fit(train);
        ml.Model.Save(model, train.Schema, "model.zip");
        foreach (var mask in model.Transform(TissueDataset.LoadImages(ml, "data/test/img")).GetColumn<byte[]>("PredictedMask"))
        {
            Console.WriteLine($"mask {mask.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(mask))}");
        }
        """;

    private const string Predict = """
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using Mlps.ML;

        var ml = new MLContext();
        var model = ml.Model.Load(args[0], out _);
        foreach (var mask in model.Transform(TissueDataset.LoadImages(ml, args[1])).GetColumn<byte[]>("PredictedMask"))
        {
            Console.WriteLine($"mask {mask.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(mask))}");
        }
        """;

    [Fact]
    public void Applications_FromThePackagesAlone_TrainSaveLoadAndPredictTheSame()
    {
        var (training, predicting) = (Application("training", Train), Application("predicting", Predict));

        var trained = Masks(Command.Successful(training, "run", "-c", "Release"));
        var model = Path.Combine(training, "model.zip");
        var predicted = Masks(Command.Successful(predicting, "run", "-c", "Release", "--", model, Path.Combine(training, "data", "test", "img")));

        Assert.Equal(2, trained.Length);
        Assert.All(trained, line => Assert.StartsWith($"mask {SmallDataset.TestSize * SmallDataset.TestSize} ", line, StringComparison.Ordinal));
        Assert.Equal(trained, predicted);
        Segment(model, Path.Combine(training, "data", "test", "img"));
    }

    [Fact]
    public void Segment_WithoutAModel_SaysWhatToGive()
    {
        var (exitCode, output) = Command.RunFile(RepositoryFolder.Root, packed.Builds, Path.Combine("samples", "segment.cs"), "nowhere.zip", packed.Folder);

        Assert.Equal(2, exitCode);
        Assert.Contains("give a model that exists", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Slide_WithoutAModel_SaysWhatToGive()
    {
        var (exitCode, output) = Command.RunFile(RepositoryFolder.Root, packed.Builds, Path.Combine("samples", "slide.cs"), "nowhere.zip", "nowhere.svs");

        Assert.Equal(2, exitCode);
        Assert.Contains("give a model and a slide that exist", output, StringComparison.Ordinal);
    }

    /// <summary>The file-based application of the samples, on the trained model.</summary>
    private void Segment(string model, string images)
    {
        var output = Command.RunFileSuccessfully(RepositoryFolder.Root, packed.Builds, Path.Combine("samples", "segment.cs"), model, images);

        var masks = Directory.GetFiles(images + "-masks", "*.png");
        Assert.Equal(2, masks.Length);
        Assert.All(masks, mask => Assert.Contains(mask, output, StringComparison.Ordinal));
        var read = Mlps.ML.PalettePng.Read(masks[0]);
        Assert.Equal((SmallDataset.TestSize, SmallDataset.TestSize), (read.Width, read.Height));
    }

    private static string[] Masks(string output) => [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("mask ", StringComparison.Ordinal))];

    private string Application(string name, string program)
    {
        var folder = Directory.CreateDirectory(Path.Combine(packed.Folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseSharedCompilation>false</UseSharedCompilation>
                <NoWarn>$(NoWarn);NU1603</NoWarn>
                <RestoreAdditionalProjectSources>{packed.Feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Mlps.ML" Version="{packed.Version}" />
                <PackageReference Include="TorchSharp-cpu" Version="0.107.0" />
              </ItemGroup>
            </Project>
            """);
        return folder;
    }
}
