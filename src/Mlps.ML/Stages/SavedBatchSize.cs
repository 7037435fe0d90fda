using System.Text.Json.Nodes;

namespace Mlps.ML.Stages;

/// <summary>The batch size in models of before null stood for what suits the device.</summary>
internal static class SavedBatchSize
{
    private const string Property = "ScoringBatchSize";

    /// <summary>Takes the default of then for what suits the device.</summary>
    public static void UpgradeDefault(JsonObject options)
    {
        if (options[Property] is JsonValue value && value.TryGetValue(out int rows) && rows == BatchLimits.RowsOnCpu)
        {
            options[Property] = null;
        }
    }
}
