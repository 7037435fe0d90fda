namespace Mlps.Torch.Convolutions;

/// <summary>A part of a network whose BatchNorms can be folded into the convolutions before them.</summary>
internal interface IFoldable
{
    IEnumerable<ConvNorm> Folded { get; }
}
