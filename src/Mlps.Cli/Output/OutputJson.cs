using System.Text.Json.Serialization;

namespace Mlps.Cli.Output;

/// <summary>The end of one epoch, as it stands in <c>history.json</c>.</summary>
internal sealed record HistoryRow(string Stage, int Epoch, double Loss, double LearningRate, double PatchesPerSecond, IReadOnlyDictionary<string, double> Scores);

/// <summary>How the program writes JSON.</summary>
/// <remarks>The code is generated, so that a trimmed program writes the same.</remarks>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(IEnumerable<HistoryRow>))]
internal sealed partial class OutputJson : JsonSerializerContext;
