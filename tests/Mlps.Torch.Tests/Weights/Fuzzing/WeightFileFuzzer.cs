using System.Diagnostics;
using Mlps.Torch.Weights;

namespace Mlps.Torch.Tests.Weights.Fuzzing;

/// <summary>Reads damaged weight files and holds the reader to its promises.</summary>
/// <remarks>
/// Each case depends on the seed and its own number alone, so a failure is repeated by its number. A damaged file may still be read
/// (a changed weight is a weight), or be refused by a <see cref="WeightFileException"/> that names it; anything else is a failure, as
/// are more than twice the file's memory and a fixed reserve, garbage included, and more than some seconds.
/// </remarks>
/// <param name="seed">Seed of the whole run.</param>
/// <param name="seeds">Sound files.</param>
/// <param name="load">Reads one tensor of an open file.</param>
/// <param name="compare">Compares an open file with a network, or null.</param>
internal sealed class WeightFileFuzzer(int seed, IReadOnlyList<FuzzSeed> seeds, Action<WeightFile, string> load, Action<WeightFile>? compare = null)
{
    private const string FileName = "damaged.weights";
    private const long MemoryReserve = 12L << 20;
    private const int LongestMessage = 5000;

    // Generous: a case takes milliseconds, but the machine may be busy.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    /// <summary>Runs one case.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>True where the file was read, false where it was refused.</returns>
    /// <exception cref="FuzzFailureException">The reader broke a promise.</exception>
    public bool Run(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var original = seeds[number % seeds.Count];
        var other = seeds[random.Next(seeds.Count)];
        var content = Mutation.Apply(random, original.Content, other.Content);
        var description = $"seed {seed}, case {number}, '{original.Name}', {content.Length} bytes";

        var clock = Stopwatch.StartNew();
        var read = Read(content, description);
        return clock.Elapsed <= TimeLimit ? read : throw new FuzzFailureException($"{description}: took {clock.Elapsed}.", null);
    }

    private bool Read(byte[] content, string description)
    {
        var limit = (2L * content.Length) + MemoryReserve;
        WeightFile? file = null;
        if (!Attempt(limit, description, () => file = WeightFile.Read(new MemoryStream(content), FileName)))
        {
            return false;
        }

        using (file)
        {
            if (compare is not null)
            {
                Attempt(limit, description, () => compare(file!));
            }

            return file!.Entries.All(entry => Attempt(limit, description, () => load(file, entry.Name)));
        }
    }

    /// <summary>True where the work was done, false where it ended in the one exception that is allowed.</summary>
    private static bool Attempt(long limit, string description, Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var done = true;
        try
        {
            work();
        }
        catch (WeightFileException e) when (e.Message.Contains(FileName, StringComparison.Ordinal) && e.Message.Length <= LongestMessage)
        {
            done = false;
        }
        catch (Exception e)
        {
            throw new FuzzFailureException($"{description}: {e.GetType().Name} instead of {nameof(WeightFileException)}.", e);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= limit
            ? done
            : throw new FuzzFailureException($"{description}: allocated {allocated} bytes; at most {limit} were promised.", null);
    }
}
