namespace Mlps.Slides;

/// <summary>Puts a region's borders together, the region always to the right.</summary>
internal static class RingAssembly
{
    /// <summary>The rings of a region, the outer one first.</summary>
    /// <param name="region">A region that has ended.</param>
    /// <param name="isOfRegion">Whether a label is the region's.</param>
    public static List<TracedRing> Assemble(MaskRegion region, Func<int, bool> isOfRegion)
    {
        var rings = new List<TracedRing>();
        var open = new Dictionary<GridPoint, (Arc Arc, bool Forward)>();
        var order = new List<GridPoint>();
        foreach (var arc in region.Arcs)
        {
            var forward = arc.Right >= 0 && isOfRegion(arc.Right);
            (arc.Left, arc.Right) = forward ? (arc.Left, -1) : (-1, arc.Right);
            if (arc.IsClosed)
            {
                rings.Add(new TracedRing([(arc, forward)]));
            }
            else
            {
                var start = forward ? arc.Start : arc.End;
                open.Add(start, (arc, forward));
                order.Add(start);
            }
        }

        foreach (var start in order)
        {
            var arcs = new List<(Arc Arc, bool Forward)>();
            for (var at = start; open.Remove(at, out var next); at = next.Forward ? next.Arc.End : next.Arc.Start)
            {
                arcs.Add(next);
            }

            if (arcs.Count > 0)
            {
                rings.Add(new TracedRing(arcs));
            }
        }

        var points = new List<GridPoint>();
        var outer = rings.FindIndex(ring => ring.IsOuter(points));
        (rings[0], rings[outer]) = (rings[outer], rings[0]);
        return rings;
    }
}
