using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Devices;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class ResizingParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("units");

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Scores_OfTheRecordedMaps_AreTheRecordedResizedMapsScaled()
    {
        var maps = _figures.Load("resize_in").view(1, 1, 4, 7, 7);
        var resized = _figures.Load("resize_cv2_7_to_56");
        var lowest = resized.min();

        var scores = PseudoMaskGenerator.Scores(maps, ones([1, 4], device: TestDevice.Value), 56, 56, Recipe.Reference);

        ParityAssert.Close("resize 7 to 56, half-pixel centres, scaled", scores[0, 0], resized.sub(lowest).div(resized.max().sub(lowest)), 1e-5);
    }

    [SharedDataFact]
    public void Scores_OfALargerRecordedMap_AreTheRecordedResizedMapScaled()
    {
        var all = ReferenceFigures.Shared("units");
        var resized = all.Load("resize_cv2_28_to_224");
        var lowest = resized.min();

        var scores = PseudoMaskGenerator.Scores(all.Load("resize_in28").view(1, 1, 1, 28, 28), ones([1, 1], device: TestDevice.Value), 224, 224, Recipe.Reference);

        ParityAssert.Close("resize 28 to 224, half-pixel centres, scaled", scores[0, 0, 0], resized.sub(lowest).div(resized.max().sub(lowest)), 1e-5);
    }

    [Theory]
    [InlineData("interp_ac_true_7_to_56", true, 56, 56)]
    [InlineData("interp_ac_false_7_to_56", false, 56, 56)]
    [InlineData("interp_ac_true_7_to_20x13", true, 20, 13)]
    public void Interpolate_AsTheNetworksCallIt_GivesTheRecordedValues(string name, bool alignCorners, int height, int width)
    {
        var resized = nn.functional.interpolate(_figures.Load("resize_in").unsqueeze(0), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: alignCorners);

        ParityAssert.Close(name, resized.squeeze(0), _figures.Load(name), 1e-5);
    }

    [Fact]
    public void Interpolate_CornersAligned_GivesTheRecordedGradient()
    {
        var input = _figures.Load("resize_in").unsqueeze(0).requires_grad_(true);

        nn.functional.interpolate(input, size: [20, 13], mode: InterpolationMode.Bilinear, align_corners: true).backward([_figures.Load("interp_go")]);

        ParityAssert.Close("interp_ac_true_grad_in", input.grad!, _figures.Load("interp_ac_true_grad_in"), 1e-5);
    }
}
