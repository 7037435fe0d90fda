namespace Mlps.Slides;

/// <summary>A ring of a polygon: borders that follow each other.</summary>
internal sealed class TracedRing(List<(Arc Arc, bool Forward)> arcs)
{
    /// <summary>Replaces the content of a list by the ring's points, each once.</summary>
    public void CopyTo(List<GridPoint> points)
    {
        points.Clear();
        foreach (var (arc, forward) in arcs)
        {
            arc.AppendTo(points, forward);
        }
    }

    /// <summary>Whether the ring goes around its region, and not around a hole.</summary>
    /// <param name="points">Memory to use.</param>
    public bool IsOuter(List<GridPoint> points)
    {
        CopyTo(points);
        var twice = 0L;
        for (var (i, j) = (0, points.Count - 1); i < points.Count; j = i++)
        {
            twice += ((long)points[j].X * points[i].Y) - ((long)points[i].X * points[j].Y);
        }

        return twice > 0;
    }
}
