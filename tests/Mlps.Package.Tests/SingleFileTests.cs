using System.Diagnostics;
using Mlps.ML.Tests.Files;
using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>An application that references the project, published as a single file.</summary>
public sealed class SingleFileTests : IDisposable
{
    private const string Program = $$"""
        {{SmallDataset.Program}}
        var model = ml.TissueSegmentation.PatchClassifier(dataset.Classes, new() { Width = 1.0 / 64, Training = new() { Epochs = 1, BatchSize = 4 } })
            .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
            .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, new() { Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.0625 }, Training = new() { Epochs = 1, BatchSize = 4 } }))
            .Fit(train);
        ml.Model.Save(model, train.Schema, "model.zip");
        var loaded = ml.Model.Load("model.zip", out _);
        Console.WriteLine($"masks: {loaded.Transform(TissueDataset.LoadImages(ml, "data/test/img")).GetColumn<byte[]>("PredictedMask").Count(mask => mask.Length == 48 * 48)}");
        Console.WriteLine($"location: '{typeof(TissueDataset).Assembly.Location}'");
        Console.WriteLine(Mlps.Torch.Runtime.LibTorch.Diagnose());
        Console.WriteLine($"weights: {Mlps.Torch.Weights.PretrainedWeights.ResNet18}");
        """;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Application_InASingleFile_FindsTheNativeLibrariesAndTheWeightsBesideIt()
    {
        File.WriteAllText(_folder.Combine("Program.cs"), Program);
        File.WriteAllText(_folder.Combine("single.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <NoWarn>$(NoWarn);NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Path.Combine(RepositoryFolder.Root, "src", "Mlps.ML", "Mlps.ML.csproj")}" />
                <PackageReference Include="TorchSharp-cpu" Version="0.107.0" />
                <PackageReference Include="Microsoft.ML.DnnImageFeaturizer.ResNet18" Version="0.23.1" IncludeAssets="build" />
              </ItemGroup>
            </Project>
            """);
        var output = _folder.Combine("published");

        // Built apart from the repository's own output, which other test runs are using.
        Command.Successful(
            _folder.Path,
            "publish", "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishSingleFile=true", "-o", output, "--artifacts-path", _folder.Combine("artifacts"), "-nodeReuse:false", "-p:UseSharedCompilation=false", "--nologo");
        var (exitCode, said) = ProcessRun.ToEnd(new ProcessStartInfo(Path.Combine(output, "single")) { WorkingDirectory = _folder.Path }, _limit);

        Assert.True(exitCode == 0, said);
        Assert.False(File.Exists(Path.Combine(output, "Mlps.ML.dll")));
        Assert.Contains("masks: 2", said, StringComparison.Ordinal);
        Assert.Contains("location: ''", said, StringComparison.Ordinal);
        Assert.Contains($"Loaded {Path.Combine(output, "libtorch_cpu.so")}", said, StringComparison.Ordinal);
        Assert.Contains($"weights: {Path.Combine(output, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx")}", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(output), file => Path.GetFileName(file).Contains("onnxruntime", StringComparison.OrdinalIgnoreCase));
    }
}
