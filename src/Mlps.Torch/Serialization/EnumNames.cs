using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlps.Torch.Serialization;

/// <summary>Enumerations as one of their names, as it is written in the code; numbers, lists of names and other spellings are refused.</summary>
/// <remarks><see cref="JsonStringEnumConverter"/> reads <c>"One, Two"</c> as the two values' bits, which may be those of a third.</remarks>
internal sealed class EnumNames : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    [UnconditionalSuppressMessage("Trimming", "IL2071", Justification = "Enumerations are made without a constructor.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The converter has no members that are found by name.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "ML.NET needs a runtime that can compile, and so does every application of this library.")]
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<string, T> _values = Enum.GetNames<T>().ToDictionary(name => name, Enum.Parse<T>, StringComparer.Ordinal);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String && reader.GetString() is { } name && _values.TryGetValue(name, out var value)
                ? value
                : throw new JsonException($"{typeof(T).Name} must be one of {string.Join(", ", _values.Keys)}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
