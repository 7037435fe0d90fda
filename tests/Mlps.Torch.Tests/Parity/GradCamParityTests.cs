using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class GradCamParityTests : IDisposable
{
    private static readonly string[] LayerNames = ["b4_5", "b5_2", "bn7"];

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("stage1_small");
    private readonly ResNet38 _network = ReferenceNetworks.PatchClassifier();
    private readonly Tensor _images;
    private readonly Tensor _maps;
    private readonly Tensor _logits;
    private readonly Tensor _exact;

    public GradCamParityTests()
    {
        _images = _figures.Load("input_x2");
        (_maps, _logits) = GradCam.Compute(_network, _images, ActivationLayers.Default);
        using var exact = ReferenceNetworks.PatchClassifier();
        exact.to(ScalarType.Float64);
        (_exact, _) = GradCam.Compute(exact, _images.to(ScalarType.Float64), ActivationLayers.Default);
    }

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(0, "img0")]
    [InlineData(1, "img4")]
    public void Compute_BatchOfTwo_GivesTheRecordedMapsAndLogitsOfEachImage(int image, string recorded)
    {
        for (var layer = 0; layer < LayerNames.Length; layer++)
        {
            var name = $"gradcam_raw_{recorded}_{LayerNames[layer]}";
            ParityAssert.CloseOrOnEdge(name, _maps[image, layer], _figures.Load(name), _exact[image, layer], _figures.Tolerance(name));
        }

        ParityAssert.Close($"gradcam_output_{recorded}", _logits[image].unsqueeze(0), _figures.Load($"gradcam_output_{recorded}"), 1e-5);
    }

    [Fact]
    public void Resized_ToTheImage_GivesTheRecordedMaps() => AssertResized(_figures, 0, "img0");

    [Fact]
    public void Scores_Reference_GiveTheRecordedNormalisedMaps() => AssertNormalised(_figures, 0, "img0");

    [SharedDataFact]
    public void ResizedAndNormalised_OfTheSecondImage_GiveTheRecordedMaps()
    {
        AssertResized(ReferenceFigures.Shared("stage1_small"), 1, "img4");
        AssertNormalised(ReferenceFigures.Shared("stage1_small"), 1, "img4");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PseudoMasks_Reference_EqualThoseOfTheRecordedMaps(bool withBackground) => AssertPseudoMasks(_figures, 0, "img0", 0, withBackground);

    [SharedDataFact]
    public void PseudoMasks_Reference_OfTheSecondImage_EqualThoseOfTheRecordedMaps()
    {
        AssertPseudoMasks(ReferenceFigures.Shared("stage1_small"), 1, "img4", 4, withBackground: true);
        AssertPseudoMasks(ReferenceFigures.Shared("stage1_small"), 1, "img4", 4, withBackground: false);
    }

    [Fact]
    public void PseudoMasks_Reference_BreakTiesAsRecorded()
    {
        var ties = ReferenceFigures.WithTests("units").Scalar("pm_ties");
        var maps = Table(ties.GetProperty("cam").EnumerateArray().Select(Rows));
        var labels = tensor(ties.GetProperty("label").EnumerateArray().Select(value => value.GetSingle()).ToArray()).unsqueeze(0);
        var background = Rows(ties.GetProperty("bg")[0]).SelectMany(row => row).Select(value => value > 0 ? (byte)255 : (byte)0).ToArray();
        var expected = Rows(ties.GetProperty("seg")).SelectMany(row => row).Select(value => (byte)value).ToArray();

        // The recorded case is 2x3; a third row like the first makes it square, and the lowest and highest values stay.
        var images = tensor(WithThirdRow(background), [1, 1, 3, 3]).expand(1, 3, 3, 3);
        var masks = PseudoMaskGenerator.Generate(maps, labels, images, new() { Recipe = Recipe.Reference, Background = new() { MinimumRegion = 0 } });

        Assert.Equal(WithThirdRow(expected), masks.cpu().contiguous().data<byte>().ToArray());

        static float[][] Rows(System.Text.Json.JsonElement rows) =>
            [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
        static byte[] WithThirdRow(byte[] pixels) => [.. pixels, .. pixels[..3]];
        static Tensor Table(IEnumerable<float[][]> classes) =>
            stack(classes.Select(rows => tensor((float[])[.. rows[0], .. rows[1], .. rows[0]], [3, 3]))).view(1, 1, 4, 3, 3);
    }

    private void AssertResized(ReferenceFigures figures, int image, string recorded)
    {
        for (var layer = 0; layer < LayerNames.Length; layer++)
        {
            var name = $"gradcam_{recorded}_{LayerNames[layer]}";
            ParityAssert.CloseOrOnEdge(name, Resized(_maps), figures.Load(name), Resized(_exact), 1e-5);

            Tensor Resized(Tensor maps) =>
                nn.functional.interpolate(maps[image, layer].unsqueeze(0), size: [64, 64], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(0);
        }
    }

    private void AssertNormalised(ReferenceFigures figures, int image, string recorded)
    {
        var scores = PseudoMaskGenerator.Scores(_maps, ones([2, 4], device: _maps.device), 64, 64, Recipe.Reference);
        var exact = PseudoMaskGenerator.Scores(_exact.to(ScalarType.Float32), ones([2, 4], device: _exact.device), 64, 64, Recipe.Reference);
        for (var layer = 0; layer < LayerNames.Length; layer++)
        {
            var name = $"gradcam_norm_{recorded}_{LayerNames[layer]}";
            ParityAssert.CloseOrOnEdge(name, scores[image, layer], figures.Load(name), exact[image, layer], 1e-5);
        }
    }

    private void AssertPseudoMasks(ReferenceFigures figures, int image, string recorded, int trainImage, bool withBackground)
    {
        float[] label = [.. _figures.Scalar("labels")[trainImage].EnumerateArray().Select(value => value.GetSingle())];
        var bytes = _images.mul(255).round().to(ScalarType.Byte);
        var options = new PseudoMaskRules { Recipe = Recipe.Reference, Background = withBackground ? new() : null };
        var labels = tensor(label).unsqueeze(0).expand(2, 4);

        var masks = PseudoMaskGenerator.Generate(_maps, labels, bytes, options)[image];

        var pixels = bytes[image].cpu().contiguous().data<byte>().ToArray();
        var white = withBackground ? PlainBackground.Find(pixels, 64, 64) : new bool[64 * 64];
        for (var layer = 0; layer < LayerNames.Length; layer++)
        {
            var scores = Enumerable.Range(0, 4).Select(c => RecordedScore(c, layer)).ToArray();
            ParityAssert.SameMask($"pseudo mask {recorded} {LayerNames[layer]}", masks[layer].cpu().contiguous().data<byte>().ToArray(), Chosen(scores), scores);
        }

        float[] RecordedScore(int c, int layer) =>
            [.. figures.Load($"gradcam_norm_{recorded}_{LayerNames[layer]}")[c].cpu().contiguous().data<float>().Select(value => value * label[c])];

        byte[] Chosen(float[][] scores) =>
            [.. white.Select((isWhite, pixel) => isWhite ? (byte)4 : (byte)Enumerable.Range(0, 4).MaxBy(c => scores[c][pixel]))];
    }
}
