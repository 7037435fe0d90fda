using System.Text.Json.Serialization;

namespace Mlps.Onnx.Export;

/// <summary>Writes lists of names without reflection, which trimmed applications lack.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class TextJson : JsonSerializerContext;
