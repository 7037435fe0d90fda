namespace Mlps.ML.Synthetic;

/// <summary>Random values at whole coordinates and smooth ones between them.</summary>
internal readonly struct SmoothNoise(double seed)
{
    private readonly uint _seed = (uint)(seed * uint.MaxValue);

    /// <summary>A value in [0, 1] that changes over a distance of about 1.</summary>
    public float At(float x, float y)
    {
        float floorX = MathF.Floor(x), floorY = MathF.Floor(y);
        int column = (int)floorX, row = (int)floorY;
        float right = Ease(x - floorX), down = Ease(y - floorY);
        var top = Mix(Value(column, row), Value(column + 1, row), right);
        var bottom = Mix(Value(column, row + 1), Value(column + 1, row + 1), right);
        return Mix(top, bottom, down);
    }

    /// <summary>An unrelated value in [0, 1) for every pair of whole numbers.</summary>
    public float Value(int column, int row)
    {
        var hash = _seed ^ ((uint)column * 0x9E3779B1u) ^ ((uint)row * 0x85EBCA77u);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6Du;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39u;
        return ((hash ^ (hash >> 15)) >> 8) * (1f / (1 << 24));
    }

    private static float Ease(float t) => t * t * (3 - (2 * t));

    private static float Mix(float from, float to, float share) => from + ((to - from) * share);
}
