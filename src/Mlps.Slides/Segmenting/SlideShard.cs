using System.Globalization;

namespace Mlps.Slides;

/// <summary>One of several equal parts of a list of slides, for runs on several machines.</summary>
/// <remarks>The parts depend on the list alone: whoever runs part 3 of 8 gets the same slides on every machine and after every restart.</remarks>
public sealed record SlideShard
{
    private const string SlurmIndex = "SLURM_ARRAY_TASK_ID";
    private const string SlurmLowest = "SLURM_ARRAY_TASK_MIN";
    private const string SlurmStep = "SLURM_ARRAY_TASK_STEP";
    private const string SlurmCount = "SLURM_ARRAY_TASK_COUNT";

    /// <summary>Makes a part.</summary>
    /// <param name="index">Which part, from 0 to <paramref name="count"/> − 1.</param>
    /// <param name="count">How many parts there are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public SlideShard(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        (Index, Count) = (index, count);
    }

    /// <summary>Which part, from 0.</summary>
    public int Index { get; }

    /// <summary>How many parts there are.</summary>
    public int Count { get; }

    /// <summary>Reads <c>I/N</c>, with I from 0 to N − 1.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static SlideShard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        return parts.Length == 2 && Number(parts[0]) is { } index && Number(parts[1]) is { } count && index < count
            ? new(index, count)
            : throw new FormatException($"'{text}' is no part of a list of slides; expected I/N with I from 0 to N − 1, as in 0/8.");
    }

    /// <summary>The part of this task of a Slurm job array, whatever number the array begins with.</summary>
    /// <exception cref="FormatException">The process is no task of an array, as far as its environment says.</exception>
    public static SlideShard FromSlurm() => FromSlurm(Environment.GetEnvironmentVariable);

    /// <summary>The slides of this part: every Nth of all slides in the order of their paths.</summary>
    /// <param name="slides">All slides; equal for all parts.</param>
    public IReadOnlyList<SlideItem> Of(IEnumerable<SlideItem> slides)
    {
        ArgumentNullException.ThrowIfNull(slides);
        return [.. slides.OrderBy(slide => slide.Path, StringComparer.Ordinal).Where((_, place) => place % Count == Index)];
    }

    /// <summary>The same as text: <c>I/N</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal static SlideShard FromSlurm(Func<string, string?> variable)
    {
        var (lowest, step) = (Number(variable(SlurmLowest)) ?? 0, Number(variable(SlurmStep)) ?? 1);
        return Number(variable(SlurmIndex)) is { } index && Number(variable(SlurmCount)) is { } count && step > 0 && index >= lowest && (index - lowest) % step == 0 && (index - lowest) / step < count
            ? new((index - lowest) / step, count)
            : throw new FormatException($"This is no task of a Slurm job array: {SlurmIndex} is '{variable(SlurmIndex)}' and {SlurmCount} is '{variable(SlurmCount)}'. Submit with sbatch --array, or give the part as I/N.");
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
