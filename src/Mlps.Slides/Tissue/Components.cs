namespace Mlps.Slides;

/// <summary>Finds pixels of one value that hang together.</summary>
internal static class Components
{
    /// <summary>Visits each piece once; a visitor may change the mask where the piece is.</summary>
    public static void Visit(bool[] mask, int width, int height, bool value, bool touchesAtCorners, Action<Piece, bool> visit)
    {
        var isSeen = new bool[mask.Length];
        var open = new int[mask.Length];
        for (var start = 0; start < mask.Length; start++)
        {
            if (isSeen[start] || mask[start] != value)
            {
                continue;
            }

            var (count, touchesBorder) = (0, false);
            open[count++] = start;
            isSeen[start] = true;
            for (var next = 0; next < count; next++)
            {
                var (x, y) = (open[next] % width, open[next] / width);
                touchesBorder |= x == 0 || y == 0 || x == width - 1 || y == height - 1;
                for (var toY = Math.Max(0, y - 1); toY <= Math.Min(height - 1, y + 1); toY++)
                {
                    for (var toX = Math.Max(0, x - 1); toX <= Math.Min(width - 1, x + 1); toX++)
                    {
                        var to = (toY * width) + toX;
                        if (!isSeen[to] && mask[to] == value && (touchesAtCorners || toX == x || toY == y))
                        {
                            isSeen[to] = true;
                            open[count++] = to;
                        }
                    }
                }
            }

            visit(new Piece(open, count), touchesBorder);
        }
    }

    /// <summary>The pixels of a piece.</summary>
    internal readonly struct Piece(int[] pixels, int count)
    {
        public int Count => count;

        public void Fill(bool[] mask, bool value)
        {
            for (var i = 0; i < count; i++)
            {
                mask[pixels[i]] = value;
            }
        }
    }
}
