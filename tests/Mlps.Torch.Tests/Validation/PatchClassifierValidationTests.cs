using Mlps.Torch.Data;
using Mlps.Torch.Evaluation;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Validation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Validation;

[Collection(GlobalGenerator.Name)]
public sealed class PatchClassifierValidationTests
{
    private readonly PseudoMaskRules[] _rules = [new() { Background = null }, new() { Background = null, Scaling = MapScaling.PerClass }];

    [Fact]
    public void Score_EitherScaling_IsThatOfThePseudoMasksScaledSo()
    {
        using var scope = NewDisposeScope();
        using var tiles = TwoTissues.Store(12);
        using var network = TwoTissues.Classifier();
        network.eval();
        var bytes = tiles.Images(0, 12);
        var labels = tiles.Labels(0, 12);
        var (maps, _) = GradCam.Compute(network, bytes.ToUnitRange(), [ActivationLayer.B5Block2]);

        var scores = _rules.Select(rules =>
        {
            var masks = PseudoMaskGenerator.Generate(maps, labels, bytes, rules).contiguous().data<byte>().ToArray();
            var matrix = new PixelConfusionMatrix(TwoTissues.ClassCount);
            for (var n = 0; n < 12; n++)
            {
                matrix.Add(tiles.Mask(n, 0), masks.AsSpan(n * tiles.Layout.PixelCount, tiles.Layout.PixelCount));
            }

            var actual = new PatchClassifierValidation(tiles, [ActivationLayer.B5Block2], rules, Normalization.None, CPU).Score(network).ToDictionary();
            Assert.Equal(ValidationScore.Compute(matrix), actual["pseudoMaskMeanIoU.b5_2"], 6);
            return actual;
        }).ToArray();

        Assert.NotEqual(scores[0]["pseudoMaskMeanIoU"], scores[1]["pseudoMaskMeanIoU"]);
        Assert.NotEqual(scores[0]["classMapMeanIoU"], scores[1]["classMapMeanIoU"]);
        Assert.Equal(scores[0]["labelIoU"], scores[1]["labelIoU"]);
    }
}
