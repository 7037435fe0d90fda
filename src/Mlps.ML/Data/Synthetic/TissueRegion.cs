namespace Mlps.ML.Synthetic;

/// <summary>The part of a patch that one tissue covers.</summary>
internal readonly ref struct TissueRegion(ReadOnlySpan<byte> map, ReadOnlySpan<bool> tissue, byte index, int size)
{
    private readonly ReadOnlySpan<byte> _map = map;

    /// <summary>True where there is any tissue, false on white slide.</summary>
    public ReadOnlySpan<bool> Tissue { get; } = tissue;

    public int Size { get; } = size;

    /// <summary>Whether the tissue is this one at a place, or would be if the patch went on.</summary>
    public bool Covers(float x, float y)
    {
        int column = Math.Clamp((int)x, 0, Size - 1), row = Math.Clamp((int)y, 0, Size - 1);
        return _map[(row * Size) + column] == index;
    }
}
