using Microsoft.ML;
using Mlps.Cli.Terminal;
using TorchSharp;

namespace Mlps.Cli.Training;

/// <summary>ML.NET contexts as this program uses them.</summary>
internal static class Context
{
    /// <summary>A context on the first GPU where there is one, whose warnings reach the user.</summary>
    /// <param name="seed">Its seed; null for none.</param>
    /// <param name="localRank">Of several processes on this machine, this one's number: they take one GPU after the other.</param>
    public static MLContext Create(int? seed = null, int localRank = 0)
    {
        var ml = new MLContext(seed) { GpuDeviceId = torch.cuda_is_available() ? localRank % torch.cuda.device_count() : null, FallbackToCpu = true };
        ml.Log += (_, entry) =>
        {
            if (entry.Kind is Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                Say.Warning(entry.RawMessage);
            }
            else if (entry.Kind is Microsoft.ML.Runtime.ChannelMessageKind.Info && entry.Source.Contains("InitialWeights", StringComparison.Ordinal))
            {
                // What was stripped and passed over in a file of weights decides what is trained.
                Say.Line(entry.RawMessage);
            }
        };
        return ml;
    }
}
