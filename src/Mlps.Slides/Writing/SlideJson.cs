using System.Text.Json.Serialization;

namespace Mlps.Slides;

/// <summary>How records of slides are written as JSON.</summary>
/// <remarks>The code is generated, so that a trimmed program writes the same.</remarks>
[JsonSourceGenerationOptions(
    WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SlideRecord))]
internal sealed partial class SlideJson : JsonSerializerContext;
