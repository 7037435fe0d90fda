namespace Mlps.Slides.Tests.Reading;

/// <summary>A slide whose pixels are computed: every level shows the same function of the full-resolution place.</summary>
internal sealed class StubSource(int width, int height, int tile = 64, int levels = 1) : SlideSource
{
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public override SlideBackend Backend => SlideBackend.Tiff;

    public override IReadOnlyList<SourceLevel> Levels { get; } = [.. Enumerable.Range(0, levels).Select(level => new SourceLevel(Shrunk(width, level), Shrunk(height, level), tile, tile))];

    public override IReadOnlyDictionary<string, string> Properties => Said;

    public Dictionary<string, string> Said { get; } = [];

    public override SlideBounds? Bounds => Scanned;

    public SlideBounds? Scanned { get; init; }

    public override (double X, double Y)? MicronsPerPixel => Size;

    public (double X, double Y)? Size { get; init; } = (0.5, 0.5);

    /// <summary>The colour of a pixel of a level.</summary>
    public Func<int, int, int, (byte Red, byte Green, byte Blue)> Color { get; init; } = static (level, x, y) => Pattern(x << level, y << level);

    public Slide Open(SlideOptions? options = null) => new("/nowhere/stub.svs", this, options ?? new SlideOptions());

    public static (byte Red, byte Green, byte Blue) Pattern(int x, int y) => ((byte)((x * 7) + (y * 3)), (byte)(x ^ y), (byte)((x * x) + y));

    public override void ReadTile(int level, int column, int row, Span<byte> rgb)
    {
        Interlocked.Increment(ref _reads);
        var size = Levels[level];
        rgb.Fill(255);
        for (var y = 0; y < tile; y++)
        {
            for (var x = 0; x < tile; x++)
            {
                var (atX, atY) = ((column * tile) + x, (row * tile) + y);
                if (atX < size.Width && atY < size.Height)
                {
                    (rgb[((y * tile) + x) * 3], rgb[(((y * tile) + x) * 3) + 1], rgb[(((y * tile) + x) * 3) + 2]) = Color(level, atX, atY);
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private static int Shrunk(int side, int level) => Math.Max(1, side >> level);
}
