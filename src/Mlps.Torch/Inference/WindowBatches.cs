using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Runs a network over all windows of a batch of images, as many at a time as a batch of that many pixels allows.</summary>
internal static class WindowBatches
{
    /// <summary>Pixels of one network call; more would only cost memory.</summary>
    private const long PixelsPerCall = 16 * 224 * 224;

    /// <summary>Calls <paramref name="visit"/> with the network's output for each window of images [N, 3, H, W].</summary>
    /// <param name="images">[N, 3, H, W].</param>
    /// <param name="grid">The windows.</param>
    /// <param name="network">Takes windows [M, 3, h, w]; its output's first dimension is M.</param>
    /// <param name="visit">Image index, top, left and the output for that window, which is disposed afterwards.</param>
    public static void Run(Tensor images, WindowGrid grid, Func<Tensor, Tensor> network, Action<int, int, int, Tensor> visit)
    {
        var windows =
            from n in Enumerable.Range(0, (int)images.shape[0])
            from corner in grid.Corners
            select (Image: n, corner.Top, corner.Left);
        var perCall = (int)Math.Clamp(PixelsPerCall / ((long)grid.WindowHeight * grid.WindowWidth), 1, int.MaxValue);
        foreach (var some in windows.Chunk(perCall))
        {
            using var scope = NewDisposeScope();
            var cut = some.Select(window => images[window.Image].narrow(1, window.Top, grid.WindowHeight).narrow(2, window.Left, grid.WindowWidth));
            var outputs = network(stack(cut));
            for (var i = 0; i < some.Length; i++)
            {
                visit(some[i].Image, some[i].Top, some[i].Left, outputs[i]);
            }
        }
    }
}
