namespace Mlps.Slides;

/// <summary>A corner of four pixels, with their values and labels, and the borders that meet there.</summary>
internal readonly record struct PixelCorner(
    int X, int Y, short NorthWest, short NorthEast, short SouthWest, short SouthEast, int NorthWestLabel, int NorthEastLabel, int SouthWestLabel, int SouthEastLabel)
{
    public bool HasNorth => NorthWest != NorthEast;

    public bool HasSouth => SouthWest != SouthEast;

    public bool HasEast => NorthEast != SouthEast;

    private bool HasWest => NorthWest != SouthWest;

    /// <summary>How many borders meet.</summary>
    public int Degree => (HasNorth ? 1 : 0) + (HasSouth ? 1 : 0) + (HasEast ? 1 : 0) + (HasWest ? 1 : 0);

    /// <summary>Whether north west and south east, which touch only here, are one region.</summary>
    public bool ConnectsFalling => Degree == 4 && NorthWest == SouthEast && (NorthEast != SouthWest || NorthWest < NorthEast);

    /// <summary>Whether north east and south west are one region.</summary>
    public bool ConnectsRising => Degree == 4 && NorthEast == SouthWest && !ConnectsFalling;

    public HalfChain EastChain() => new(X, Y, NorthEastLabel, SouthEastLabel);

    public HalfChain SouthChain() => new(X, Y, SouthEastLabel, SouthWestLabel);
}
