using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>A test that records this release's model and predictions as a fixture; skipped unless the variable <c>MLPS_RECORD_MODEL</c> names the release, such as <c>0.1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordingFactAttribute : FactAttribute
{
    private const string Variable = "MLPS_RECORD_MODEL";

    public RecordingFactAttribute()
    {
        if (Release is null)
        {
            Skip = $"{Variable} names no release to record.";
        }
    }

    /// <summary>The release to record; null where none was named.</summary>
    public static string? Release => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } release ? release : null;
}
