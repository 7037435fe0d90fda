namespace Mlps.Torch.Networks;

/// <summary>Names and sets of activation layers.</summary>
public static class ActivationLayers
{
    /// <summary>The three layers of the method, deepest last.</summary>
    public static IReadOnlyList<ActivationLayer> Default { get; } = [ActivationLayer.B4Block5, ActivationLayer.B5Block2, ActivationLayer.Bn7];

    /// <summary>All layers in the order of depth.</summary>
    internal static IReadOnlyList<ActivationLayer> ByDepth { get; } = Enum.GetValues<ActivationLayer>();

    /// <summary>The layer's name in checkpoints, columns and files: <c>b4_3</c>, <c>b4_5</c>, <c>b5_2</c>, <c>b6</c>, <c>bn7</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no layer.</exception>
    public static string Name(this ActivationLayer layer) => layer switch
    {
        ActivationLayer.B4Block3 => "b4_3",
        ActivationLayer.B4Block5 => "b4_5",
        ActivationLayer.B5Block2 => "b5_2",
        ActivationLayer.B6 => "b6",
        ActivationLayer.Bn7 => "bn7",
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
    };
}
