namespace Mlps.Slides;

/// <summary>Memory of a step that is over, before the next one takes its own.</summary>
internal static class ManagedMemory
{
    /// <summary>Gives the large arrays of the step before back to the system: of large slides they have hundreds of megabytes, and the collector leaves them while the machine has room.</summary>
    public static void Return() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
