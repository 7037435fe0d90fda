namespace Mlps.Torch.Attention;

/// <summary>The classifier's layers that activation maps are taken from, in the order of depth.</summary>
public enum ActivationLayer
{
    /// <summary>Output of block b4_5.</summary>
    B4Block5,

    /// <summary>Output of block b5_2.</summary>
    B5Block2,

    /// <summary>Output of bn7 and its ReLU: the features that the head classifies.</summary>
    Bn7,
}

/// <summary>Names of activation layers.</summary>
public static class ActivationLayers
{
    /// <summary>The three layers of the method, deepest last.</summary>
    public static IReadOnlyList<ActivationLayer> Default { get; } = [ActivationLayer.B4Block5, ActivationLayer.B5Block2, ActivationLayer.Bn7];

    /// <summary>The layer's name in checkpoints, columns and files: <c>b4_5</c>, <c>b5_2</c>, <c>bn7</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no layer.</exception>
    public static string Name(this ActivationLayer layer) => layer switch
    {
        ActivationLayer.B4Block5 => "b4_5",
        ActivationLayer.B5Block2 => "b5_2",
        ActivationLayer.Bn7 => "bn7",
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
    };
}
