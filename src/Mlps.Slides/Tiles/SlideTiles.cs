using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>The tiles of a slide that touch tissue, as a table: Name, Image, X, Y, Row, Column, Tissue; row by row of the grid.</summary>
/// <remarks>
/// Images are read while the rows before are used, on other threads, and never more than <see cref="TileOptions.ReadAhead"/> of them; those that nobody reads are not decoded. What lies beyond the slide in tiles at its right and lower borders is its mirror image. The slide must stay open while the table is read.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "What a row has started, its cursor takes over, or Stop ends.")]
public sealed class SlideTiles : IDataView
{
    private readonly TilePlace[] _places;
    private TileAhead? _started;

    internal SlideTiles(Slide slide, TileOptions? options)
    {
        ArgumentNullException.ThrowIfNull(slide);
        options ??= new TileOptions();
        Slide = slide;
        Options = options;
        Grid = TileGrid.Create(slide, options);
        Mask = options.Mask ?? TissueMask.Find(slide, options.MaskOptions);
        _places = [.. TilePlace.On(Grid, Mask, options.LeastTissue)];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(TissueColumns.Name, TextDataViewType.Instance);
        builder.AddColumn(TissueColumns.Image, new ImageDataViewType(options.Size, options.Size));
        builder.AddColumn(TileColumns.X, NumberDataViewType.Double);
        builder.AddColumn(TileColumns.Y, NumberDataViewType.Double);
        builder.AddColumn(TileColumns.Row, NumberDataViewType.Int32);
        builder.AddColumn(TileColumns.Column, NumberDataViewType.Int32);
        builder.AddColumn(TileColumns.Tissue, NumberDataViewType.Single);
        Schema = builder.ToSchema();
    }

    private SlideTiles(SlideTiles whole, TilePlace[] places) =>
        (Slide, Options, Grid, Mask, Schema, _places) = (whole.Slide, whole.Options, whole.Grid, whole.Mask, whole.Schema, places);

    /// <summary>The slide.</summary>
    public Slide Slide { get; }

    /// <summary>Where all tiles are, those without tissue too.</summary>
    public TileGrid Grid { get; }

    /// <summary>What counts as tissue.</summary>
    public TissueMask Mask { get; }

    /// <summary>How many tiles touch tissue.</summary>
    public int Count => _places.Length;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>False: the order is that of the grid.</summary>
    public bool CanShuffle => false;

    internal TileOptions Options { get; }

    internal ReadOnlySpan<TilePlace> Places => _places;

    /// <inheritdoc/>
    public long? GetRowCount() => _places.Length;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new TileCursor(this, columnsNeeded, Interlocked.Exchange(ref _started, null));

    /// <summary>One cursor: it reads on several threads by itself.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The tiles of one row of the grid, whose first images are read from now on: for a cursor over them, which must come and be disposed.</summary>
    internal SlideTiles StartRow(int row)
    {
        var tiles = new SlideTiles(this, [.. _places.Where(place => place.Row == row)]);
        tiles._started = new TileAhead(tiles);
        tiles._started.Start();
        return tiles;
    }

    /// <summary>Stops the reading that no cursor took over.</summary>
    internal void Stop() => Interlocked.Exchange(ref _started, null)?.Dispose();

    /// <summary>Seconds in which cursors waited for images.</summary>
    internal double WaitSeconds { get; set; }

    internal TilePlace Place(int index) => _places[index];

    internal string Name(TilePlace place) => NameOf(Slide.Name, Grid.X(place.Column), Grid.Y(place.Row));

    /// <summary>The name of a patch: the slide's, and its place in whole full-resolution pixels.</summary>
    internal static string NameOf(string slide, double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{slide}_x{Math.Round(x):0}_y{Math.Round(y):0}");

    internal MLImage Read(TilePlace place) => Slide.ReadImage(Grid.X(place.Column), Grid.Y(place.Row), Grid.Size, Grid.Size, Grid.Downsample, mirrored: true);
}
