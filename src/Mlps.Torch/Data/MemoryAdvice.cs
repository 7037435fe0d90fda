using System.Runtime.InteropServices;

namespace Mlps.Torch.Data;

/// <summary>Hints about memory for the operating system.</summary>
internal static unsafe partial class MemoryAdvice
{
    private const int DontNeed = 4;

    /// <summary>Takes the pages of a shared file mapping out of the process; their content stays in the file.</summary>
    /// <remarks>Does nothing where the system has no such hint; Windows trims working sets by itself.</remarks>
    public static void NotNeeded(void* start, nint length)
    {
        if (OperatingSystem.IsLinux())
        {
            // A hint: where it fails, the pages stay.
            _ = Advise(start, length, DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nint length, int advice);
}
