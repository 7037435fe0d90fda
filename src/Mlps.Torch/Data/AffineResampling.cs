using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>Resizes patches and turns them by any angle in one step: each pixel is looked up where an affine map puts it.</summary>
/// <remarks>Places are in half patches from the centre, as <c>grid_sample</c> has them: −1 and 1 are the outer edges of the first and last pixel. Beyond them the patch is mirrored.</remarks>
internal static class AffineResampling
{
    private const int ParametersPerPatch = 6;

    /// <summary>Images and masks, each patch by its own draw; image and masks of a patch by the same.</summary>
    /// <param name="images">[N, 3, H, W] floats, interpolated bilinearly.</param>
    /// <param name="masks">[N, M, H, W] bytes, of which the nearest pixel is taken.</param>
    /// <param name="options">The ranges of scale and angle.</param>
    /// <param name="random">What each patch's draw comes from.</param>
    public static (Tensor Images, Tensor Masks) Apply(Tensor images, Tensor masks, AugmentationOptions options, ReadOnlySpan<RandomStream> random)
    {
        using var scope = NewDisposeScope();
        var maps = new float[random.Length * ParametersPerPatch];
        for (var n = 0; n < random.Length; n++)
        {
            Draw(options, random[n], (int)images.shape[2], (int)images.shape[3], maps.AsSpan(n * ParametersPerPatch, ParametersPerPatch));
        }

        var grid = Grid(Upload.Of(maps, [random.Length, ParametersPerPatch], images.device), images.shape[2], images.shape[3]);
        var moved = Sample(images, grid, GridSampleMode.Bilinear);
        var movedMasks = masks.shape[1] == 0 ? masks.alias() : Sample(masks.to(ScalarType.Float32), grid, GridSampleMode.Nearest).to(ScalarType.Byte);
        return (moved.MoveToOuterDisposeScope(), movedMasks.MoveToOuterDisposeScope());
    }

    /// <summary>Writes the map of a patch: where the pixel at (x, y) comes from is (m0·x + m1·y + m2, m3·x + m4·y + m5).</summary>
    private static void Draw(AugmentationOptions options, RandomStream random, int height, int width, Span<float> map)
    {
        // Drawn always, so that switching one variation off does not change the other.
        var scale = Math.Exp(random.Next(Math.Log(options.MinimumScale), Math.Log(options.MaximumScale)));
        var angle = random.Next(-options.MaximumAngle, options.MaximumAngle) * Math.PI / 180;
        var slack = Math.Abs(1 - (1 / scale));
        var (right, down) = (random.Next(-slack, slack), random.Next(-slack, slack));
        var (cos, sin) = (Math.Cos(angle) / scale, Math.Sin(angle) / scale);

        // A turn is one in pixels, and half patches are of two lengths where a patch is not square.
        var aspect = (double)height / width;
        map[0] = (float)cos;
        map[1] = (float)(-sin * aspect);
        map[2] = (float)right;
        map[3] = (float)(sin / aspect);
        map[4] = (float)cos;
        map[5] = (float)down;
    }

    /// <summary>Where each pixel comes from, [N, H, W, 2].</summary>
    private static Tensor Grid(Tensor maps, long height, long width)
    {
        var x = Centres(width, maps.device).view(1, 1, width);
        var y = Centres(height, maps.device).view(1, height, 1);
        Tensor Parameter(int index) => maps.select(1, index).view(-1, 1, 1);
        var column = Parameter(0).mul(x).add(Parameter(1).mul(y)).add(Parameter(2));
        var row = Parameter(3).mul(x).add(Parameter(4).mul(y)).add(Parameter(5));
        return stack([column, row], dim: 3);
    }

    private static Tensor Centres(long count, Device device) =>
        Upload.Of([.. Enumerable.Range(0, (int)count).Select(i => (float)((((2 * i) + 1) / (double)count) - 1))], [count], device);

    private static Tensor Sample(Tensor planes, Tensor grid, GridSampleMode mode) =>
        nn.functional.grid_sample(planes, grid, mode: mode, padding_mode: GridSamplePaddingMode.Reflection, align_corners: false);
}
