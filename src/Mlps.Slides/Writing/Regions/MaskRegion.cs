namespace Mlps.Slides;

/// <summary>A connected region of one class, as far as it was seen.</summary>
internal sealed class MaskRegion(byte value, int x, int y)
{
    /// <summary>The class.</summary>
    public byte Value => value;

    /// <summary>The first pixel in reading order, which no other region has.</summary>
    public (int Y, int X) First { get; private set; } = (y, x);

    /// <summary>Pixels.</summary>
    public long Pixels { get; set; }

    /// <summary>Sum of their probabilities, 0..255 each.</summary>
    public long Probability { get; set; }

    /// <summary>The last row with a pixel.</summary>
    public int LastRow { get; set; } = y;

    /// <summary>Its borders.</summary>
    public List<Arc> Arcs { get; private set; } = [];

    /// <summary>Takes everything of a region that turned out to be the same one.</summary>
    public void Absorb(MaskRegion other)
    {
        First = other.First.CompareTo(First) < 0 ? other.First : First;
        Pixels += other.Pixels;
        Probability += other.Probability;
        LastRow = Math.Max(LastRow, other.LastRow);
        if (other.Arcs.Count > Arcs.Count)
        {
            (Arcs, other.Arcs) = (other.Arcs, Arcs);
        }

        Arcs.AddRange(other.Arcs);
    }
}
