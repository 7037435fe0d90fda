using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Tensors [N, C, H, W] with the channels of a pixel contiguous in memory; shapes and values are unchanged.</summary>
/// <remarks>oneDNN and the tensor cores of GPUs read this layout directly; other layouts are reordered before and after each convolution.</remarks>
internal static class ChannelsLast
{
    /// <summary>The tensor itself where it lies so, or a copy that does.</summary>
    public static Tensor ToChannelsLast(this Tensor planes)
    {
        using var scope = NewDisposeScope();
        return planes.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Whether a tensor lies so.</summary>
    public static bool Lies(Tensor tensor) => tensor.dim() == 4 && tensor.size(1) > 1 && tensor.stride(1) == 1 && tensor.stride(3) == tensor.size(1);

    /// <summary>Whether convolutions of a tensor run on tensor cores, as they do on GPUs unless they compute with all bits.</summary>
    public static bool SuitsTensorCores(Tensor input) =>
        input.device_type is DeviceType.CUDA && (input.dtype is ScalarType.BFloat16 || MixedPrecision.Type is not null || (input.dtype is ScalarType.Float32 && backends.cudnn.allow_tf32));

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
