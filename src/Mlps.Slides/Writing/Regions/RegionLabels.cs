namespace Mlps.Slides;

/// <summary>Labels of runs of pixels, and which of them turned out to be one region (union-find). Labels of finished regions are used again.</summary>
internal sealed class RegionLabels
{
    private const int FirstCapacity = 1024;

    private readonly Stack<int> _free = [];
    private int[] _parent = new int[FirstCapacity];

    // The labels of a region are a ring, so that two of them are merged at once.
    private int[] _next = new int[FirstCapacity];
    private MaskRegion?[] _region = new MaskRegion?[FirstCapacity];
    private int _count;

    /// <summary>A label for a region that begins at a pixel.</summary>
    public int Add(byte value, int x, int y)
    {
        if (!_free.TryPop(out var label))
        {
            label = _count++;
            if (label == _parent.Length)
            {
                Array.Resize(ref _parent, 2 * label);
                Array.Resize(ref _next, 2 * label);
                Array.Resize(ref _region, 2 * label);
            }
        }

        (_parent[label], _next[label], _region[label]) = (label, label, new MaskRegion(value, x, y));
        return label;
    }

    /// <summary>The label that stands for a region.</summary>
    public int Root(int label)
    {
        while (_parent[label] != label)
        {
            _parent[label] = _parent[_parent[label]];
            label = _parent[label];
        }

        return label;
    }

    /// <summary>The region of a label.</summary>
    public MaskRegion this[int label] => _region[Root(label)]!;

    /// <summary>Makes two labels one region and gives its root.</summary>
    public int Union(int first, int second)
    {
        (first, second) = (Root(first), Root(second));
        if (first == second)
        {
            return first;
        }

        if (_region[second]!.Arcs.Count > _region[first]!.Arcs.Count)
        {
            (first, second) = (second, first);
        }

        _region[first]!.Absorb(_region[second]!);
        _region[second] = null;
        _parent[second] = first;
        (_next[first], _next[second]) = (_next[second], _next[first]);
        return first;
    }

    /// <summary>Frees all labels of a finished region.</summary>
    public void Free(int root)
    {
        _region[root] = null;
        var label = root;
        do
        {
            _free.Push(label);
            label = _next[label];
        }
        while (label != root);
    }
}
