using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Folds whole networks.</summary>
internal static class ConvNormFolding
{
    /// <summary>Folds the weights as they are now, for prediction in evaluation mode.</summary>
    /// <remarks>They must not change afterwards without being folded again.</remarks>
    public static void Fold(this nn.Module network)
    {
        foreach (var pair in Pairs(network))
        {
            pair.Fold();
        }
    }

    /// <summary>Forgets the folded weights, after which the network computes as its modules say.</summary>
    public static void Unfold(this nn.Module network)
    {
        foreach (var pair in Pairs(network))
        {
            pair.Dispose();
        }
    }

    /// <summary>Rounds the folded weights to another element type.</summary>
    public static void CastFolded(this nn.Module network, ScalarType type)
    {
        foreach (var pair in Pairs(network))
        {
            pair.CastFolded(type);
        }
    }

    private static IEnumerable<ConvNorm> Pairs(nn.Module network) => network.modules().Prepend(network).OfType<IFoldable>().Distinct().SelectMany(part => part.Folded);
}
