using System.Globalization;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Mlps.ML.Interop;

/// <summary>Tells the user where libtorch was given more threads than there are cores.</summary>
internal static class ThreadCheck
{
    /// <summary>Warns where it has; costs next to nothing where not.</summary>
    /// <param name="environment">Its log.</param>
    /// <returns>Whether there was something to tell.</returns>
    public static bool Report(IHostEnvironment environment) => Report(environment, get_num_threads(), Environment.ProcessorCount);

    internal static bool Report(IHostEnvironment environment, int threads, int cores)
    {
        if (threads <= cores)
        {
            return false;
        }

        environment.Warning("Threads", string.Create(
            CultureInfo.InvariantCulture, $"libtorch computes with {threads} threads on {cores} cores, which can take twenty times as long as with one thread a core. Set torch.set_num_threads({cores}) or OMP_NUM_THREADS."));
        return true;
    }
}
