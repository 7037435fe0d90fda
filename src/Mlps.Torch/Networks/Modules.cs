using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Modules one after the other.</summary>
internal static class Modules
{
    /// <summary>The output of the last of several modules, each run on the output of the one before.</summary>
    /// <remarks>Intermediate tensors belong to the caller's scope.</remarks>
    public static Tensor Through(this Tensor input, params ReadOnlySpan<nn.Module<Tensor, Tensor>> modules)
    {
        foreach (var module in modules)
        {
            input = module.forward(input);
        }

        return input;
    }
}
