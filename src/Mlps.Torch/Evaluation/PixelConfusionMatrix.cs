namespace Mlps.Torch.Evaluation;

/// <summary>
/// Counts of pixels by true class (row) and predicted class (column), over as many masks as are added.
/// </summary>
/// <remarks>
/// Classes are 0 to <see cref="ClassCount"/> − 1; the index <see cref="BackgroundIndex"/> = <see cref="ClassCount"/> is background,
/// in the truth and in the prediction alike. Counts are exact up to 2⁶³ pixels. An instance is not safe for concurrent use:
/// give every thread its own and <see cref="Merge"/> them.
/// </remarks>
public sealed class PixelConfusionMatrix
{
    /// <summary>The largest number of classes: with background, every index still fits in a byte.</summary>
    public const int MaxClassCount = byte.MaxValue;

    private readonly int _side;
    private readonly long[] _counts;
    private readonly long[] _pending;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classCount">Number of tissue classes C, background not counted; 1 to <see cref="MaxClassCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classCount"/> is out of range.</exception>
    public PixelConfusionMatrix(int classCount)
    {
        if (classCount is < 1 or > MaxClassCount)
        {
            throw new ArgumentOutOfRangeException(nameof(classCount), classCount, $"Expected 1 to {MaxClassCount} classes.");
        }

        _side = classCount + 1;
        _counts = new long[_side * _side];
        _pending = new long[_side * _side];
    }

    /// <summary>Number of tissue classes C, background not counted.</summary>
    public int ClassCount => _side - 1;

    /// <summary>The index that means background, equal to <see cref="ClassCount"/>.</summary>
    public int BackgroundIndex => _side - 1;

    /// <summary>All counts, row by row.</summary>
    internal Span<long> Counts => _counts;

    /// <summary>Number of pixels counted.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            foreach (var count in _counts)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>Number of pixels of class <paramref name="truth"/> that were predicted as <paramref name="predicted"/>.</summary>
    /// <param name="truth">True class, 0 to <see cref="BackgroundIndex"/>.</param>
    /// <param name="predicted">Predicted class, 0 to <see cref="BackgroundIndex"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range.</exception>
    public long this[int truth, int predicted]
    {
        get
        {
            CheckIndex(truth, nameof(truth));
            CheckIndex(predicted, nameof(predicted));
            return _counts[(truth * _side) + predicted];
        }
    }

    /// <summary>Counts the pixels of one mask, or of part of one.</summary>
    /// <param name="truth">True class of each pixel, 0 to <see cref="BackgroundIndex"/>.</param>
    /// <param name="predicted">Predicted class of the same pixels, 0 to <see cref="BackgroundIndex"/>.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, or an index is out of range. The matrix is then as it was before the call.
    /// </exception>
    public void Add(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted)
    {
        if (truth.Length != predicted.Length)
        {
            throw new ArgumentException(
                $"The true mask has {truth.Length} pixels and the predicted mask has {predicted.Length}; both must cover the same pixels.",
                nameof(predicted));
        }

        Array.Clear(_pending);
        if (!PixelPairCounter.TryCount(truth, predicted, _side, _pending))
        {
            ThrowOutOfRange(truth, "true", nameof(truth));
            ThrowOutOfRange(predicted, "predicted", nameof(predicted));
        }

        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += _pending[i];
        }
    }

    /// <summary>Adds the counts of another matrix over the same classes.</summary>
    /// <param name="other">A matrix with the same <see cref="ClassCount"/>.</param>
    /// <exception cref="ArgumentException">The class counts differ.</exception>
    public void Merge(PixelConfusionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.ClassCount != ClassCount)
        {
            throw new ArgumentException($"Cannot merge a matrix of {other.ClassCount} classes into one of {ClassCount}.", nameof(other));
        }

        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The counts that a protocol looks at, as a new matrix.</summary>
    /// <param name="protocol">
    /// <see cref="ScoringProtocol.A"/> empties the row of pixels whose truth is background; <see cref="ScoringProtocol.B"/> keeps everything.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="protocol"/> is not a member of the enumeration.</exception>
    public PixelConfusionMatrix Under(ScoringProtocol protocol)
    {
        if (!Enum.IsDefined(protocol))
        {
            throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "Expected protocol A or B.");
        }

        var view = new PixelConfusionMatrix(ClassCount);
        var length = protocol == ScoringProtocol.A ? BackgroundIndex * _side : _counts.Length;
        _counts.AsSpan(0, length).CopyTo(view._counts);
        return view;
    }

    private void CheckIndex(int index, string parameter)
    {
        if ((uint)index >= (uint)_side)
        {
            throw new ArgumentOutOfRangeException(parameter, index, $"Expected a class index from 0 to {BackgroundIndex} ({BackgroundIndex} is background).");
        }
    }

    private void ThrowOutOfRange(ReadOnlySpan<byte> mask, string kind, string parameter)
    {
        var at = mask.IndexOfAnyExceptInRange((byte)0, (byte)BackgroundIndex);
        if (at >= 0)
        {
            throw new ArgumentException(
                $"Pixel {at} of the {kind} mask has class index {mask[at]}; expected 0 to {ClassCount - 1}, or {BackgroundIndex} for background.",
                parameter);
        }
    }
}
