using System.Text.Json.Serialization;

namespace Mlps.Slides;

/// <summary>How lists of slides are written as JSON.</summary>
/// <remarks>The code is generated, so that a trimmed program writes the same.</remarks>
[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CohortList))]
internal sealed partial class CohortJson : JsonSerializerContext;
