using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Puts the outputs of windows together.</summary>
internal interface IWindowMerger
{
    /// <summary>Told before outputs are added: none of them reaches below this row.</summary>
    void Reserve(int bottom);

    /// <summary>Adds the output for a window of an image.</summary>
    /// <remarks>The tensor belongs to the caller.</remarks>
    void Add(int image, ImageWindow window, Tensor output);

    /// <summary>Told when no further window touches the rows above this one.</summary>
    void Finish(int top);
}
