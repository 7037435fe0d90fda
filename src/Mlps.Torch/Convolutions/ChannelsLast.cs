using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Tensors [N, C, H, W] with the channels of a pixel contiguous in memory; shapes and values are unchanged.</summary>
/// <remarks>oneDNN reads this layout directly; other layouts are reordered before and after each convolution.</remarks>
internal static class ChannelsLast
{
    /// <summary>The tensor itself where it lies so, or a copy that does.</summary>
    public static Tensor ToChannelsLast(this Tensor planes)
    {
        using var scope = NewDisposeScope();
        return planes.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Lays the weights of every convolution of a module so, for good: gradients, momentum and copies follow them.</summary>
    public static void LayWeights(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var convolution in module.modules().OfType<Conv2d>())
        {
            convolution.weight.set_(convolution.weight.ToChannelsLast());
        }
    }
}
