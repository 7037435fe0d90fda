namespace Mlps.Slides;

/// <summary>A row of a mask as runs of equal values, with the borders that go down from it.</summary>
internal sealed class RunRow
{
    /// <summary>The value of what is not traced.</summary>
    public const short Nothing = byte.MaxValue;

    /// <summary>The value beyond the mask.</summary>
    public const short Outside = -1;

    private const int FirstCapacity = 64;

    private readonly int _width;

    public RunRow(int width)
    {
        _width = width;
        Resize(FirstCapacity);
        SetOutside();
    }

    /// <summary>How many runs.</summary>
    public int Count { get; private set; }

    /// <summary>First pixel of each run; after the last, the width.</summary>
    public int[] Start { get; private set; } = [];

    /// <summary>Value of each run.</summary>
    public short[] Value { get; private set; } = [];

    /// <summary>Label of each run; negative where it is not traced.</summary>
    public int[] Label { get; private set; } = [];

    /// <summary>The border at the left edge of each run and, after the last, at the row's end.</summary>
    public HalfChain?[] Down { get; private set; } = [];

    /// <summary>Makes this a row beyond the mask.</summary>
    public void SetOutside()
    {
        Array.Clear(Down);
        (Count, Start[0], Start[1], Value[0], Label[0]) = (1, 0, _width, Outside, -1);
    }

    /// <summary>Finds the runs of a row.</summary>
    /// <param name="row">The values.</param>
    /// <param name="traced">Values below this one are traced.</param>
    public void Read(ReadOnlySpan<byte> row, int traced)
    {
        Array.Clear(Down, 0, Count + 1);
        Count = 0;
        for (var x = 0; x < row.Length;)
        {
            var value = row[x];
            var length = value < traced ? row[x..].IndexOfAnyExcept(value) : row[x..].IndexOfAnyInRange((byte)0, (byte)(traced - 1));
            if (Count + 2 >= Start.Length)
            {
                Resize(2 * Start.Length);
            }

            (Start[Count], Value[Count], Label[Count]) = (x, value < traced ? value : Nothing, -1);
            Count++;
            x = length < 0 ? row.Length : x + length;
        }

        Start[Count] = _width;
    }

    private void Resize(int capacity)
    {
        (var start, var value, var label, var down) = (Start, Value, Label, Down);
        Array.Resize(ref start, capacity);
        Array.Resize(ref value, capacity);
        Array.Resize(ref label, capacity);
        Array.Resize(ref down, capacity);
        (Start, Value, Label, Down) = (start, value, label, down);
    }
}
