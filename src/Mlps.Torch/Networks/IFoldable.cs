namespace Mlps.Torch.Networks;

/// <summary>A part of a network whose BatchNorms can be folded into the convolutions before them.</summary>
internal interface IFoldable
{
    IEnumerable<FoldableConvolution> Folded { get; }
}
