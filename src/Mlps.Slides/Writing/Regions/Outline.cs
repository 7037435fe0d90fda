namespace Mlps.Slides;

/// <summary>Straightens borders between regions, so that they need fewer points and no pixel's middle changes sides.</summary>
/// <remarks>
/// A border is given as the middles of the edges that it follows. Each of its chords must cross the same edges in the same order, nowhere farther from their middles than
/// the tolerance. Since every edge belongs to one border, and a chord crosses it between the middles of the two pixels beside it, borders cannot cross or touch,
/// no region vanishes, and a polygon drawn again covers exactly the pixels it was traced from. From each point the farthest is taken that can be seen through all the gates between.
/// </remarks>
internal static class Outline
{
    /// <summary>The widest gate, in pixels: at half a pixel borders could meet in the middle of a pixel.</summary>
    public const double MaximumTolerance = 0.45;

    /// <summary>Keeps the first and the last point and as few between as the gates allow.</summary>
    /// <param name="points">Middles of edges, in half pixels; first and last may be corners.</param>
    /// <param name="tolerance">Half the width of a gate in pixels.</param>
    /// <param name="kept">Receives the result.</param>
    public static void Straighten(List<GridPoint> points, double tolerance, List<GridPoint> kept)
    {
        var width = 2 * tolerance;
        kept.Clear();
        kept.Add(points[0]);
        for (var from = 0; from < points.Count - 1;)
        {
            from = Farthest(points, from, width);
            kept.Add(points[from]);
        }
    }

    private static int Farthest(List<GridPoint> points, int from, double width)
    {
        var origin = points[from];
        var best = from + 1;
        Direction? left = null, right = null;
        for (var i = from + 1; i < points.Count; i++)
        {
            double x = points[i].X - origin.X, y = points[i].Y - origin.Y;
            if (left is { } leftmost && right is { } rightmost)
            {
                if (leftmost.Cross(x, y) >= 0 && rightmost.Cross(x, y) <= 0)
                {
                    best = i;
                }
            }

            // The gate of a level edge stands upright, and the other way round.
            var (gateX, gateY) = points[i].X % 2 != 0 ? (0.0, width) : (width, 0.0);
            var first = new Direction(x - gateX, y - gateY);
            var second = new Direction(x + gateX, y + gateY);
            var (gateLeft, gateRight) = first.Cross(second.X, second.Y) > 0 ? (first, second) : (second, first);
            left = left is { } l && l.Cross(gateLeft.X, gateLeft.Y) <= 0 ? l : gateLeft;
            right = right is { } r && r.Cross(gateRight.X, gateRight.Y) >= 0 ? r : gateRight;
            if (left.Value.Cross(right.Value.X, right.Value.Y) < 0)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>A direction from the point that is looked from; y points down, so a positive cross product is a turn to the right.</summary>
    private readonly record struct Direction(double X, double Y)
    {
        public double Cross(double x, double y) => (X * y) - (Y * x);
    }
}
