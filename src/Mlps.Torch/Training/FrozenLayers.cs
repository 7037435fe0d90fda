using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Keeps parts of a network as they are while the rest is trained.</summary>
internal static class FrozenLayers
{
    /// <summary>Takes the parameters of modules out of training.</summary>
    public static void Freeze(IEnumerable<nn.Module> modules)
    {
        foreach (var parameter in modules.SelectMany(module => module.parameters()))
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>The BatchNorm layers of a network.</summary>
    public static IReadOnlyList<BatchNorm2d> BatchNormsOf(nn.Module network) => [.. network.modules().OfType<BatchNorm2d>()];
}
