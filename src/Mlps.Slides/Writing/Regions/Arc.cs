namespace Mlps.Slides;

/// <summary>A straightened border between two regions, from one node to another or closed; both regions use the same points.</summary>
internal sealed class Arc
{
    private const int More = 0x80;
    private const int BitsAByte = 7;

    private readonly byte[] _points;

    /// <param name="points">At least two; of a closed border the first is the last.</param>
    /// <param name="isClosed">Whether it is a ring.</param>
    /// <param name="left">Label of the region to the left.</param>
    /// <param name="right">Label of the region to the right.</param>
    public Arc(List<GridPoint> points, bool isClosed, int left, int right)
    {
        (Start, End, IsClosed, Left, Right) = (points[0], points[^1], isClosed, left, right);
        var bytes = new List<byte>(3 * points.Count);
        var before = points[0];
        foreach (var point in points.Skip(1))
        {
            Append(bytes, point.X - before.X);
            Append(bytes, point.Y - before.Y);
            before = point;
        }

        _points = [.. bytes];
    }

    public GridPoint Start { get; }

    public GridPoint End { get; }

    public bool IsClosed { get; }

    /// <summary>Label of the region to the left; negative where there is none or it is finished.</summary>
    public int Left { get; set; }

    /// <summary>Label of the region to the right.</summary>
    public int Right { get; set; }

    /// <summary>Appends all points but the last.</summary>
    public void AppendTo(List<GridPoint> points, bool forward)
    {
        var from = points.Count;
        var at = 0;
        var point = Start;
        points.Add(point);
        while (at < _points.Length)
        {
            point = new(point.X + Next(ref at), point.Y + Next(ref at));
            points.Add(point);
        }

        if (!forward)
        {
            points.Reverse(from, points.Count - from);
        }

        points.RemoveAt(points.Count - 1);
    }

    private static void Append(List<byte> bytes, int value)
    {
        var rest = (uint)((value << 1) ^ (value >> 31));
        for (; rest >= More; rest >>= BitsAByte)
        {
            bytes.Add((byte)(rest | More));
        }

        bytes.Add((byte)rest);
    }

    private int Next(ref int at)
    {
        var value = 0u;
        for (var shift = 0; ; shift += BitsAByte)
        {
            var part = _points[at++];
            value |= (uint)(part & (More - 1)) << shift;
            if (part < More)
            {
                return (int)(value >> 1) ^ -(int)(value & 1);
            }
        }
    }
}
