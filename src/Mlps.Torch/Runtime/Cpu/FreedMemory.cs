using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>What glibc does with the memory of tensors that are freed: it keeps it for the next ones, unless the environment says otherwise.</summary>
/// <remarks>
/// By default every large tensor is mapped from the system and given back, and the system clears each page of the next one: a fifth of a processor's time in predictions of the published networks.
/// </remarks>
internal static partial class FreedMemory
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int LargestTensor = 1 << 30;

    private static readonly string[] _wishes = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"];

    /// <summary>Keeps up to 2 GiB of what is freed, and maps only tensors above 1 GiB by themselves.</summary>
    public static void Keep()
    {
        if (_wishes.All(wish => Environment.GetEnvironmentVariable(wish) is null))
        {
            _ = SetOption(MapThreshold, LargestTensor);
            _ = SetOption(TrimThreshold, int.MaxValue);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
