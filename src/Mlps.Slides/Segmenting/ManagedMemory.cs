namespace Mlps.Slides;

/// <summary>Memory of a step or band that is over, before the next one takes its own.</summary>
internal static class ManagedMemory
{
    private const long Bound = 192L << 20;

    /// <summary>Gives back what was left behind since the last time, if the managed heap has grown beyond 192 MiB: the collector lets tiles of a large slide pile up while the machine has room.</summary>
    public static void ReturnBeyondBound()
    {
        if (GC.GetGCMemoryInfo().TotalCommittedBytes > Bound)
        {
            Return();
        }
    }

    /// <summary>Gives the large arrays of the step before back to the system: of large slides they have hundreds of megabytes, and the collector leaves them while the machine has room.</summary>
    public static void Return() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
