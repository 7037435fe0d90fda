using Mlps.Torch.Runtime;

namespace Mlps.Slides;

/// <summary>Memory of a step, or of some tiles, that is over, before the next takes its own.</summary>
internal sealed class WorkMemory
{
    /// <summary>How much more than what was in use the managed heap may hold: the collector lets tiles of a large slide pile up while the machine has room.</summary>
    private const long Growth = 96L << 20;

    /// <summary>Tiles between two looks: seconds of computing, so that a look costs little.</summary>
    private const int Interval = 8;

    private long _inUse;
    private int _tiles;

    /// <summary>Marks the end of a tile: now and then, gives back what was left behind beyond a bound.</summary>
    public void EndTile()
    {
        if (++_tiles % Interval != 0)
        {
            return;
        }

        if (GC.GetGCMemoryInfo().TotalCommittedBytes > _inUse + Growth)
        {
            Return();
            _inUse = GC.GetGCMemoryInfo().TotalCommittedBytes;
        }

        FreedMemory.TrimBetween();
    }

    /// <summary>Gives the large arrays of the step before back to the system: of large slides they have hundreds of megabytes, and the collector leaves them while the machine has room.</summary>
    public static void Return() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
