namespace Mlps.Slides;

/// <summary>Joins the parts of borders that rows give, and straightens each border once it is whole.</summary>
/// <param name="tolerance">How far borders may be straightened, in pixels.</param>
/// <param name="completed">Is given each border, which is at an end at two nodes or has come back to its start.</param>
internal sealed class BorderChains(double tolerance, Action<Arc> completed)
{
    private readonly List<GridPoint> _points = [];
    private readonly List<GridPoint> _kept = [];

    /// <summary>The two parts of a border that comes from neither north nor west.</summary>
    public static (HalfChain East, HalfChain South) Begin(in PixelCorner corner)
    {
        var (east, south) = (corner.EastChain(), corner.SouthChain());
        (east.StartPeer, south.StartPeer) = (south, east);
        (east.OpenEnds, south.OpenEnds) = (1, 1);
        east.Adopt(south);
        return (east, south);
    }

    /// <summary>A border that starts at a node.</summary>
    public static HalfChain FromNode(HalfChain chain)
    {
        chain.OpenEnds = 1;
        return chain;
    }

    /// <summary>Joins two ends.</summary>
    public void Join(HalfChain first, HalfChain second)
    {
        (first.EndPeer, second.EndPeer) = (second, first);
        var (root, other) = (first.Root(), second.Root());
        if (root != other)
        {
            root.Adopt(other);
        }

        root.OpenEnds -= 2;
        CompleteIfClosed(root, first);
    }

    /// <summary>Ends a border at a node; null for none.</summary>
    public void End(HalfChain? chain)
    {
        if (chain is not null)
        {
            var root = chain.Root();
            root.OpenEnds--;
            CompleteIfClosed(root, chain);
        }
    }

    private void CompleteIfClosed(HalfChain root, HalfChain part)
    {
        if (root.OpenEnds > 0 || (part.Left < 0 && part.Right < 0))
        {
            return;
        }

        // To the end at a node, or once around.
        var (at, forward, isClosed) = (part, true, false);
        while ((forward ? at.EndPeer : at.StartPeer) is { } next && !isClosed)
        {
            (at, forward) = (next, !forward);
            isClosed = at == part && forward;
        }

        // Back from there.
        forward = isClosed || !forward;
        var (first, firstForward) = (at, forward);
        var (left, right) = forward ? (at.Left, at.Right) : (at.Right, at.Left);
        _points.Clear();
        if (!isClosed)
        {
            _points.Add(forward ? at.Start() : at.End());
        }

        while (true)
        {
            at.AppendTo(_points, forward);
            if ((forward ? at.EndPeer : at.StartPeer) is not { } next)
            {
                _points.Add(forward ? at.End() : at.Start());
                break;
            }

            (at, forward) = (next, !forward);
            if (at == first && forward == firstForward)
            {
                _points.Add(_points[0]);
                break;
            }
        }

        Outline.Straighten(_points, tolerance, _kept);
        completed(new Arc(_kept, isClosed, left, right));
    }
}
