namespace Mlps.Slides;

/// <summary>Walks a mask from top to bottom in bands of rows, in memory that is reused.</summary>
internal static class MaskBands
{
    /// <summary>Reads every band once.</summary>
    /// <param name="rows">The mask.</param>
    /// <param name="bandHeight">Rows of a band; the last may have fewer.</param>
    /// <param name="withProbability">Whether probabilities are read too.</param>
    /// <param name="work">What is done with a band; its memory is only lent.</param>
    /// <param name="cancellation">Stops between two bands.</param>
    public static void ForEach(IMaskRows rows, int bandHeight, bool withProbability, BandWork work, CancellationToken cancellation)
    {
        bandHeight = Math.Min(bandHeight, rows.Height);
        var classes = new byte[checked(bandHeight * rows.Width)];
        var probability = withProbability ? new byte[classes.Length] : [];
        for (var y = 0; y < rows.Height; y += bandHeight)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(bandHeight, rows.Height - y);
            var length = count * rows.Width;
            rows.Read(y, count, classes.AsSpan(0, length), probability.AsSpan(0, withProbability ? length : 0));
            work(y, count, classes.AsSpan(0, length), probability.AsSpan(0, withProbability ? length : 0));
        }
    }

    /// <summary>Work on a band of rows.</summary>
    internal delegate void BandWork(int y, int count, ReadOnlySpan<byte> classes, ReadOnlySpan<byte> probability);
}
