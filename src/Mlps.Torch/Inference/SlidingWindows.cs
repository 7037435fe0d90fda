using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Runs a network over all windows of a batch of images from top to bottom, several windows a call.</summary>
internal static class SlidingWindows
{
    /// <summary>Pixels of one network call; more would only cost memory.</summary>
    private const long PixelsPerCall = 16 * 224 * 224;

    /// <summary>Runs the network and merges its outputs.</summary>
    /// <param name="images">Bytes [N, 3, H, W], on any device.</param>
    /// <param name="plan">The windows over each of them.</param>
    /// <param name="network">Takes bytes [M, 3, h, w] of windows; its output's first dimension is M. Outputs as large as the windows are laid back from their view.</param>
    /// <param name="merger">Takes each window's output.</param>
    public static void Run(Tensor images, WindowPlan plan, Func<Tensor, Tensor> network, IWindowMerger merger)
    {
        var count = (int)images.shape[0];
        (ImageWindow Window, int Image)[] all = [.. from window in plan.Windows from image in Enumerable.Range(0, count) select (window, image)];
        for (var first = 0; first < all.Length;)
        {
            var shape = Seen(all[first].Window);
            var perCall = (int)Math.Clamp(PixelsPerCall / ((long)shape.Height * shape.Width), count, int.MaxValue);
            var some = all.Skip(first).Take(perCall).TakeWhile(one => Seen(one.Window) == shape).ToArray();
            first += some.Length;
            using (NewDisposeScope())
            {
                var outputs = network(stack(some.Select(one => Cut(images, one.Image, one.Window))));
                merger.Reserve(some.Max(one => one.Window.Bottom));
                for (var i = 0; i < some.Length; i++)
                {
                    merger.Add(some[i].Image, some[i].Window, outputs[i]);
                }
            }

            merger.Finish(first < all.Length ? all[first].Window.Top : plan.Height);
        }
    }

    /// <summary>Height and width as the network sees them: quarter turns exchange them.</summary>
    private static (int Height, int Width) Seen(ImageWindow window) =>
        ImageViews.IsTransposed(window.View) ? (window.Width, window.Height) : (window.Height, window.Width);

    private static Tensor Cut(Tensor images, int image, ImageWindow window) =>
        ImageViews.Apply(images[image].narrow(1, window.Top, window.Height).narrow(2, window.Left, window.Width), window.View);
}
