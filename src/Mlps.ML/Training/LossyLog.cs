using Microsoft.ML.Runtime;
using Mlps.ML.Interop;

namespace Mlps.ML;

/// <summary>A log that never costs its training: the first entry that cannot be written is a warning, and the log ends there.</summary>
/// <param name="environment">Whose log gets the warning.</param>
/// <param name="path">The log's file or folder.</param>
internal sealed class LossyLog(IHostEnvironment environment, string path)
{
    private bool _lost;

    /// <summary>Writes something, unless writing has failed before.</summary>
    public void Write(Action write)
    {
        if (_lost)
        {
            return;
        }

        try
        {
            write();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _lost = true;
            environment.Warning("Logs", $"'{path}' cannot be written: {exception.GetBaseException().Message} Training goes on without this log.");
        }
    }
}
