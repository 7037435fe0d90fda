using Microsoft.ML.Runtime;
using Mlps.ML.Interop;

namespace Mlps.ML;

/// <summary>Tells the user of a batch that is larger than the data.</summary>
internal static class BatchSizeCheck
{
    public static void Report(IHostEnvironment environment, int batchSize, int patches)
    {
        if (batchSize > patches)
        {
            environment.Warning("BatchSize", $"The batch size is {batchSize}, and there are {patches} patches: every step takes them all. Choose a smaller one for more steps.");
        }
    }
}
