namespace Mlps.Slides;

/// <summary>A piece of a border that goes east and south only, from where it was found to where it meets another piece or a node; a bit for each edge of a pixel.</summary>
/// <remarks>Seen in the direction of travel, <see cref="Left"/> is the region to the left on the screen: north of an edge that goes east, east of one that goes south.</remarks>
internal sealed class HalfChain(int x, int y, int left, int right)
{
    private const int BitsAWord = 64;

    private ulong _first;
    private ulong[] _more = [];
    private HalfChain? _parent;

    /// <summary>The label of the region to the left; negative where it is not traced.</summary>
    public int Left => left;

    /// <summary>The label of the region to the right.</summary>
    public int Right => right;

    /// <summary>Edges so far.</summary>
    public int Count { get; private set; }

    /// <summary>The piece that begins at the same corner; null where this one begins at a node.</summary>
    public HalfChain? StartPeer { get; set; }

    /// <summary>The piece that ends at the same corner; null where this one ends at a node.</summary>
    public HalfChain? EndPeer { get; set; }

    /// <summary>Of a root: ends of all pieces joined with it that go on.</summary>
    public int OpenEnds { get; set; }

    /// <summary>The piece that stands for all that were joined.</summary>
    public HalfChain Root()
    {
        var root = this;
        while (root._parent is { } parent)
        {
            root._parent = parent._parent ?? root._parent;
            root = parent;
        }

        return root;
    }

    /// <summary>Makes this root stand for another one too.</summary>
    public void Adopt(HalfChain root)
    {
        root._parent = this;
        OpenEnds += root.OpenEnds;
    }

    /// <summary>Goes on by so many edges east.</summary>
    public void GoEast(int count)
    {
        Count += count;
        Reserve();
    }

    /// <summary>Goes on by one edge south.</summary>
    public void GoSouth()
    {
        var at = Count++;
        Reserve();
        if (at < BitsAWord)
        {
            _first |= 1UL << at;
        }
        else
        {
            _more[(at / BitsAWord) - 1] |= 1UL << (at % BitsAWord);
        }
    }

    /// <summary>Appends the middles of the edges, in half pixels.</summary>
    /// <param name="points">Where to.</param>
    /// <param name="forward">Whether from the start to the end.</param>
    public void AppendTo(List<GridPoint> points, bool forward)
    {
        var from = points.Count;
        var (atX, atY) = (2 * x, 2 * y);
        for (var i = 0; i < Count; i++)
        {
            if (IsSouth(i))
            {
                points.Add(new(atX, atY + 1));
                atY += 2;
            }
            else
            {
                points.Add(new(atX + 1, atY));
                atX += 2;
            }
        }

        if (!forward)
        {
            points.Reverse(from, points.Count - from);
        }
    }

    /// <summary>The first corner.</summary>
    public GridPoint Start() => new(2 * x, 2 * y);

    /// <summary>The last corner.</summary>
    public GridPoint End()
    {
        var south = 0;
        for (var i = 0; i < Count; i++)
        {
            south += IsSouth(i) ? 1 : 0;
        }

        return new(2 * (x + Count - south), 2 * (y + south));
    }

    private bool IsSouth(int index) => ((index < BitsAWord ? _first : _more[(index / BitsAWord) - 1]) >> (index % BitsAWord) & 1) != 0;

    private void Reserve()
    {
        var words = ((Count + BitsAWord - 1) / BitsAWord) - 1;
        if (words > _more.Length)
        {
            Array.Resize(ref _more, Math.Max(words, _more.Length * 3 / 2));
        }
    }
}
