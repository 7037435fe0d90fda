namespace Mlps.Torch.Networks;

/// <summary>Names and sets of activation layers.</summary>
public static class ActivationLayers
{
    private static readonly Dictionary<ClassifierEncoder, ActivationLayer[]> _byDepth = new()
    {
        [ClassifierEncoder.ResNet38] = [ActivationLayer.B4Block3, ActivationLayer.B4Block5, ActivationLayer.B5Block2, ActivationLayer.B6, ActivationLayer.Bn7],
        [ClassifierEncoder.ResNet18] = [ActivationLayer.Layer2, ActivationLayer.Layer3, ActivationLayer.Layer4Block0, ActivationLayer.Layer4Block1, ActivationLayer.Layer4Block2],
    };

    /// <summary>The three layers of the published method, of ResNet-38, deepest last.</summary>
    public static IReadOnlyList<ActivationLayer> Default { get; } = [ActivationLayer.B4Block5, ActivationLayer.B5Block2, ActivationLayer.Bn7];

    /// <summary>The three layers of an encoder that pseudo masks are made from, deepest last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no encoder.</exception>
    public static IReadOnlyList<ActivationLayer> DefaultOf(ClassifierEncoder encoder) => encoder switch
    {
        ClassifierEncoder.ResNet38 => Default,
        ClassifierEncoder.ResNet18 => [ActivationLayer.Layer3, ActivationLayer.Layer4Block0, ActivationLayer.Layer4Block2],
        _ => throw new ArgumentOutOfRangeException(nameof(encoder), encoder, "No such encoder."),
    };

    /// <summary>All layers of an encoder, in the order of depth.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no encoder.</exception>
    public static IReadOnlyList<ActivationLayer> ByDepth(ClassifierEncoder encoder) =>
        _byDepth.TryGetValue(encoder, out var layers) ? layers : throw new ArgumentOutOfRangeException(nameof(encoder), encoder, "No such encoder.");

    /// <summary>The layer's name in checkpoints, columns and files, such as <c>b4_5</c> or <c>layer4_0</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no layer.</exception>
    public static string Name(this ActivationLayer layer) => layer switch
    {
        ActivationLayer.B4Block3 => "b4_3",
        ActivationLayer.B4Block5 => "b4_5",
        ActivationLayer.B5Block2 => "b5_2",
        ActivationLayer.B6 => "b6",
        ActivationLayer.Bn7 => "bn7",
        ActivationLayer.Layer2 => "layer2",
        ActivationLayer.Layer3 => "layer3",
        ActivationLayer.Layer4Block0 => "layer4_0",
        ActivationLayer.Layer4Block1 => "layer4_1",
        ActivationLayer.Layer4Block2 => "layer4_2",
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
    };
}
