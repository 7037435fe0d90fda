using Mlps.Torch.Weights.Formats;

namespace Mlps.Torch.Weights;

/// <summary>Finds trained weights that come in NuGet packages of their own.</summary>
/// <remarks>
/// No package of this library brings them along: an application that trains from them references their package. A model that was trained and saved needs neither.
/// </remarks>
public static class PretrainedWeights
{
    private static readonly PackagedFile ResNet18File = new(
        "The pretrained ResNet-18",
        "Microsoft.ML.DnnImageFeaturizer.ResNet18",
        "0.23.1",
        ["DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"],
        63_653_533,
        "E2552F19DB2DFDB01B3669537B6A0F1B44DA38D18279535492ED5DFC2EF1FF8F");

    /// <summary>The path of <c>ResNet18.onnx</c>: a ResNet of basic blocks [2, 2, 2, 3] trained on ImageNet, which Microsoft distributes for ML.NET.</summary>
    /// <remarks>
    /// <para>
    /// It is the file of the package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 (MIT), sought beside the application, then beside this library, then in NuGet's package cache.
    /// Its length and SHA-256 are checked once in a process, as ONNX files have no checksums and a network trained from damaged weights would only be worse, with no error.
    /// </para>
    /// <para>
    /// Its input are pixels in <see cref="ResNet18ChannelOrder"/>, from 0 to 255, minus <see cref="ResNet18Means"/>.
    /// <see cref="ModuleWeights.LoadWeights(TorchSharp.torch.nn.Module, string, WeightLoadOptions?)"/> gives its tensors torchvision's names.
    /// </para>
    /// </remarks>
    /// <exception cref="FileNotFoundException">The file is not there; the message names the package and the line to add.</exception>
    /// <exception cref="WeightFileException">The file is damaged or another one.</exception>
    public static string ResNet18 => ResNet18File.Require();

    /// <summary>Order of the colours in the input of <see cref="ResNet18"/>.</summary>
    public const string ResNet18ChannelOrder = "blue, green, red";

    /// <summary>What the input of <see cref="ResNet18"/> is centred with: means of blue, green and red over its training images, of pixels from 0 to 255.</summary>
    /// <remarks>The package has a mean image of 224x224 pixels (<c>ResNetPreprocess.onnx</c>), of which these are the means; they serve images of any size.</remarks>
    public static IReadOnlyList<double> ResNet18Means { get; } = [103.06, 115.90, 123.15];

    /// <summary>As <see cref="ResNet18"/>, but null where the application has no such file.</summary>
    /// <exception cref="WeightFileException">There is a file, which is damaged or another one.</exception>
    public static string? FindResNet18() => ResNet18File.Find();
}
