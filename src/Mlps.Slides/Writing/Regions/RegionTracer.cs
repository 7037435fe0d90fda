namespace Mlps.Slides;

/// <summary>Finds the connected regions of a mask and their borders, in one pass over its rows. A region is given away as soon as it ends.</summary>
/// <remarks>
/// <para>Regions are connected by edges. Where two pixels of a class touch only by a corner they are connected too, unless the other two pixels also are of one class
/// with a lower index: so no polygon touches itself, and no two cross.</para>
/// <para>Corners of pixels where three or four regions meet are nodes. The border between two nodes is an <see cref="Arc"/>, which is straightened once and belongs to both regions:
/// neighbours share their points, and no gap opens between them. Memory grows with the borders of regions that have not ended, never with the area of the mask.</para>
/// </remarks>
internal sealed class RegionTracer
{
    private readonly int _width;
    private readonly int _height;
    private readonly int _traced;
    private readonly Action<TracedRegion> _finished;
    private readonly RegionLabels _labels = new();
    private readonly BorderChains _chains;
    private readonly List<int> _ended = [];
    private RunRow _above;
    private RunRow _row;
    private int _y;

    /// <param name="width">Width of the mask.</param>
    /// <param name="height">Height of the mask.</param>
    /// <param name="traced">Values below this one are traced; all others are no region.</param>
    /// <param name="tolerance">How far borders may be straightened, 0..<see cref="Outline.MaximumTolerance"/> pixels from the middles of the edges.</param>
    /// <param name="finished">Is given each region.</param>
    public RegionTracer(int width, int height, int traced, double tolerance, Action<TracedRegion> finished)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tolerance, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tolerance, Outline.MaximumTolerance);
        (_width, _height, _traced, _finished) = (width, height, traced, finished);
        _chains = new(tolerance, AddToBoth);
        (_above, _row) = (new RunRow(width), new RunRow(width));
    }

    /// <summary>Adds the next rows.</summary>
    public void Add(ReadOnlySpan<byte> classes, ReadOnlySpan<byte> probability)
    {
        for (var start = 0; start < classes.Length; start += _width)
        {
            _row.Read(classes.Slice(start, _width), _traced);
            Label(probability.Slice(start, _width));
            Trace();
            (_above, _row) = (_row, _above);
            _y++;
        }

        if (_y == _height)
        {
            _row.SetOutside();
            Trace();
        }
    }

    /// <summary>Gives each run the label of what it continues.</summary>
    private void Label(ReadOnlySpan<byte> probability)
    {
        var above = 0;
        for (var run = 0; run < _row.Count; run++)
        {
            if (_row.Value[run] == RunRow.Nothing)
            {
                continue;
            }

            var (start, end, label) = (_row.Start[run], _row.Start[run + 1], -1);
            while (_above.Start[above + 1] <= start)
            {
                above++;
            }

            for (var other = above; other < _above.Count && _above.Start[other] < end; other++)
            {
                if (_above.Value[other] == _row.Value[run])
                {
                    label = label < 0 ? _labels.Root(_above.Label[other]) : _labels.Union(label, _above.Label[other]);
                }
            }

            label = label < 0 ? _labels.Add((byte)_row.Value[run], start, _y) : label;
            _row.Label[run] = label;
            var region = _labels[label];
            region.Pixels += end - start;
            region.Probability += Bytes.Sum(probability[start..end]);
            region.LastRow = _y;
        }
    }

    /// <summary>Goes along the corners between two rows and continues the borders.</summary>
    private void Trace()
    {
        HalfChain? east = null;
        int above = -1, below = -1;
        for (var x = 0; x <= _width;)
        {
            var (nextAbove, nextBelow) = (_above.Start[above + 1] == x ? above + 1 : above, _row.Start[below + 1] == x ? below + 1 : below);
            var corner = new PixelCorner(
                x, _y, Value(_above, above), Value(_above, nextAbove), Value(_row, below), Value(_row, nextBelow),
                LabelOf(_above, above), LabelOf(_above, nextAbove), LabelOf(_row, below), LabelOf(_row, nextBelow));
            var north = corner.HasNorth ? _above.Down[nextAbove] : null;
            HalfChain? south;
            (east, south) = Continue(corner, north, east);
            if (south is not null)
            {
                south.GoSouth();
                _row.Down[nextBelow] = south;
            }

            (above, below) = (nextAbove, nextBelow);
            if (x == _width)
            {
                break;
            }

            var next = Math.Min(_above.Start[above + 1], _row.Start[below + 1]);
            east?.GoEast(next - x);
            x = next;
        }

        GiveEnded();
    }

    /// <summary>Continues the borders that come from north and west, and gives those that go on east and south.</summary>
    private (HalfChain? East, HalfChain? South) Continue(in PixelCorner corner, HalfChain? north, HalfChain? west)
    {
        var isEdgeOfMask = (corner.X == 0 || corner.X == _width) && (corner.Y == 0 || corner.Y == _height);
        if (corner.Degree == 0)
        {
            return (null, null);
        }

        if (corner.Degree == 2 && !isEdgeOfMask)
        {
            if (north is not null && west is not null)
            {
                _chains.Join(north, west);
                return (null, null);
            }

            if (corner.HasEast && corner.HasSouth)
            {
                return BorderChains.Begin(corner);
            }

            return corner.HasEast ? (north ?? west, null) : (null, north ?? west);
        }

        if (corner.ConnectsFalling)
        {
            Connect(corner.NorthWestLabel, corner.SouthEastLabel);
            return (north, west);
        }

        if (corner.ConnectsRising)
        {
            Connect(corner.NorthEastLabel, corner.SouthWestLabel);
            _chains.Join(north!, west!);
            return BorderChains.Begin(corner);
        }

        _chains.End(north);
        _chains.End(west);
        return (corner.HasEast ? BorderChains.FromNode(corner.EastChain()) : null, corner.HasSouth ? BorderChains.FromNode(corner.SouthChain()) : null);
    }

    private void Connect(int first, int second)
    {
        if (first >= 0 && second >= 0)
        {
            _labels.Union(first, second);
        }
    }

    private void AddToBoth(Arc arc)
    {
        AddTo(arc.Left, arc);
        AddTo(arc.Right, arc);
    }

    private void AddTo(int label, Arc arc)
    {
        if (label >= 0)
        {
            _labels[label].Arcs.Add(arc);
        }
    }

    private void GiveEnded()
    {
        for (var run = 0; run < _above.Count; run++)
        {
            if (_above.Label[run] >= 0 && _labels[_above.Label[run]] is var region && region.LastRow < _y)
            {
                // Another run of the region does not end it again.
                region.LastRow = int.MaxValue;
                _ended.Add(_labels.Root(_above.Label[run]));
            }
        }

        foreach (var root in _ended)
        {
            var region = _labels[root];
            _finished(new TracedRegion(region.Value, region.Pixels, region.Probability / (double)byte.MaxValue / region.Pixels, region.First, RingAssembly.Assemble(region, label => _labels.Root(label) == root)));
            _labels.Free(root);
        }

        _ended.Clear();
    }

    private static short Value(RunRow row, int run) => run >= 0 && run < row.Count ? row.Value[run] : RunRow.Outside;

    private static int LabelOf(RunRow row, int run) => run >= 0 && run < row.Count ? row.Label[run] : -1;
}
