using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Runs a network over all windows of a batch of images from top to bottom, several windows a call.</summary>
internal static class SlidingWindows
{
    /// <summary>Runs the network and merges its outputs.</summary>
    /// <param name="images">Bytes [N, 3, H, W], on any device.</param>
    /// <param name="plan">The windows over each of them.</param>
    /// <param name="network">Takes bytes [M, 3, h, w] of windows; its output's first dimension is M. Outputs as large as the windows are laid back from their view.</param>
    /// <param name="merger">Takes each window's output.</param>
    public static void Run(Tensor images, WindowPlan plan, Func<Tensor, Tensor> network, IWindowMerger merger)
    {
        foreach (var call in WindowCall.Of(plan, (int)images.shape[0]))
        {
            using (NewDisposeScope())
            {
                var outputs = network(stack(call.Windows.Select(one => Cut(images, one.Image, one.Window))));
                merger.Reserve(call.Bottom);
                for (var i = 0; i < call.Windows.Count; i++)
                {
                    merger.Add(call.Windows[i].Image, call.Windows[i].Window, outputs[i]);
                }
            }

            merger.Finish(call.Finished);
        }
    }

    private static Tensor Cut(Tensor images, int image, ImageWindow window) =>
        ImageViews.Apply(images[image].narrow(1, window.Top, window.Height).narrow(2, window.Left, window.Width), window.View);
}
