namespace Mlps.Torch.Data;

/// <summary>Random numbers fixed by what they are for (seed, epoch, patch, …), so that a run repeats whatever the order of work.</summary>
/// <remarks>SplitMix64 (Steele et al. 2014).</remarks>
internal struct RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    public RandomStream(long seed, long first = 0, long second = 0) =>
        _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)first + Golden) + (ulong)second + Golden);

    /// <summary>A stream of its own for one purpose, fixed by this one's state; neither affects the other.</summary>
    public readonly RandomStream Branch(int purpose) => new((long)_state, purpose);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [lowest, highest).</summary>
    public double Next(double lowest, double highest) => lowest + ((highest - lowest) * NextDouble());

    /// <summary>An integer in [0, bound).</summary>
    public int Next(int bound) => (int)(NextDouble() * bound);

    /// <summary>True or false, equally likely.</summary>
    public bool NextBool() => (NextUInt64() >> 63) != 0;

    /// <summary>0..count-1 in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = Next(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private ulong NextUInt64() => Mix(_state += Golden);
}
