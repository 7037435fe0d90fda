using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Random starting weights.</summary>
internal static class Initialization
{
    /// <summary>
    /// Draws every convolution of a module from He et al.'s normal distribution (2015), fan-out, for ReLU; BatchNorm starts at identity, biases at 0.
    /// </summary>
    public static void KaimingNormal(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var part in module.modules())
        {
            if (part is Conv2d convolution)
            {
                nn.init.kaiming_normal_(convolution.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
                if (convolution.bias is { } bias)
                {
                    nn.init.zeros_(bias);
                }
            }
        }
    }
}
