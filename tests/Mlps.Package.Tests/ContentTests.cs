using System.IO.Compression;
using System.Xml.Linq;
using Mlps.Testing;

namespace Mlps.Package.Tests;

/// <summary>What is in the packages, and what they bring along.</summary>
public sealed class ContentTests(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    /// <summary>Dependencies, by library.</summary>
    public static TheoryData<string, string[]> Dependencies => new()
    {
        { "Mlps.Torch", ["Google.Protobuf [3.21.9, )", "System.IO.Hashing [10.0.0, )", "TorchSharp [0.107.0, 0.108.0)"] },
        { "Mlps.ML", ["Microsoft.ML [5.0.1, 5.1.0)", "Microsoft.ML.ImageAnalytics [5.0.1, 5.1.0)", "Mlps.Torch", "SkiaSharp [2.88.9, 3.0.0)"] },
        { "Mlps.Onnx", ["Google.Protobuf [3.21.9, )", "Microsoft.ML [5.0.1, 5.1.0)", "Microsoft.ML.ImageAnalytics [5.0.1, 5.1.0)", "Microsoft.ML.OnnxRuntime.Managed [1.31.1, )", "SkiaSharp [2.88.9, 3.0.0)", "System.IO.Hashing [10.0.0, )"] },
        { "Mlps.Onnx.Export", ["Google.Protobuf [3.21.9, )", "Mlps.ML"] },
        { "Mlps.Slides", ["BitMiracle.LibTiff.NET [2.4.660, )", "Mlps.ML", "NetTopologySuite [2.6.0, )"] },
    };

    [Theory]
    [MemberData(nameof(Dependencies))]
    public void Package_BringsTestedRangesAndNoNativeLibraries(string library, string[] expected)
    {
        using var package = Open(library, "nupkg");
        using var stream = package.GetEntry($"{library}.nuspec")!.Open();
        var specification = XDocument.Load(stream).Root!;
        var space = specification.Name.Namespace;

        var dependencies = specification.Descendants(space + "dependency").Select(dependency => ($"{dependency.Attribute("id")!.Value}", Range($"{dependency.Attribute("version")!.Value}"))).ToArray();

        Assert.Equal(
            expected.Select(text => IsOurs(text) ? $"{text} {packed.Version}" : text).Order(StringComparer.Ordinal),
            dependencies.Select(dependency => IsOurs(dependency.Item1) ? $"{dependency.Item1} {packed.Version}" : $"{dependency.Item1} {dependency.Item2}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal) || entry.FullName.EndsWith(".so", StringComparison.Ordinal));
        var metadata = specification.Element(space + "metadata")!;
        Assert.Equal("MIT", metadata.Element(space + "license")!.Value);
        Assert.Equal(("icon.png", "README.md"), (metadata.Element(space + "icon")!.Value, metadata.Element(space + "readme")!.Value));
        Assert.False(string.IsNullOrWhiteSpace(metadata.Element(space + "description")!.Value));
    }

    [Theory]
    [InlineData("Mlps.Torch")]
    [InlineData("Mlps.ML")]
    [InlineData("Mlps.Slides")]
    [InlineData("Mlps.Onnx")]
    [InlineData("Mlps.Onnx.Export")]
    public void Package_HoldsItsOwnAssemblyAndItsDocumentationAlone(string library)
    {
        using var package = Open(library, "nupkg");
        using var symbols = Open(library, "snupkg");

        Assert.Equal([$"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml"], package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.NotNull(package.GetEntry("icon.png"));
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{library}.pdb"));
    }

    /// <summary>Settings without which file-based apps fail; those of the application come first.</summary>
    [Theory]
    [InlineData("build/Mlps.ML.props")]
    [InlineData("buildTransitive/Mlps.ML.props")]
    public void Package_BringsWhatFileBasedAppsNeed(string path)
    {
        using var package = Open("Mlps.ML", "nupkg");
        using var stream = package.GetEntry(path)!.Open();

        var settings = XDocument.Load(stream).Root!.Elements("PropertyGroup").Elements().ToArray();

        Assert.Equal(["DynamicCodeSupport", "JsonSerializerIsReflectionEnabledByDefault"], settings.Select(setting => setting.Name.LocalName));
        Assert.All(settings, setting => Assert.Equal(("true", $"'$({setting.Name.LocalName})' == ''"), (setting.Value, setting.Attribute("Condition")!.Value)));
    }

    private static bool IsOurs(string library) => library.StartsWith("Mlps.", StringComparison.Ordinal);

    /// <summary>A lone lowest version means that version or higher.</summary>
    private static string Range(string version) => version.StartsWith('[') ? version : $"[{version}, )";

    private ZipArchive Open(string library, string extension) => ZipFile.OpenRead(Path.Combine(packed.Feed, $"{library}.{packed.Version}.{extension}"));
}
