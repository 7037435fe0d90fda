using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Networks;

/// <summary>Random starting weights.</summary>
internal static class Initialization
{
    /// <summary>
    /// Draws every convolution of a module from He et al.'s normal distribution (2015), fan-in, for ReLU; BatchNorm starts at identity, biases at 0.
    /// </summary>
    public static void KaimingNormal(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var part in module.modules())
        {
            if (part is Conv2d convolution)
            {
                nn.init.kaiming_normal_(convolution.weight, mode: nn.init.FanInOut.FanIn, nonlinearity: nn.init.NonlinearityType.ReLU);
                if (convolution.bias is { } bias)
                {
                    nn.init.zeros_(bias);
                }
            }
        }
    }

    /// <summary>
    /// Draws a classifying layer from Glorot and Bengio's uniform distribution (2010). Its outputs start near 0; with larger ones the attention,
    /// which multiplies features by them, closes for good in the first steps.
    /// </summary>
    public static void XavierUniform(Conv2d head)
    {
        using var noGrad = no_grad();
        nn.init.xavier_uniform_(head.weight);
    }
}
