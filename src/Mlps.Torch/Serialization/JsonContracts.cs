using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mlps.Torch.Serialization;

/// <summary>How this library's own types are written as JSON, whatever the application's setting <c>JsonSerializerIsReflectionEnabledByDefault</c> says.</summary>
/// <remarks>
/// The contracts come from the types themselves and not from generated code: generated code sets <c>init</c> properties that an older file lacks to 0 or null instead of their defaults.
/// <c>ILLink.Descriptors.xml</c> keeps the types whole in trimmed applications.
/// </remarks>
internal static class JsonContracts
{
    /// <summary>Options with a resolver of their own, which refuse keys that occur twice and null where a type has none; enumerations by name alone where requested.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "ILLink.Descriptors.xml keeps every type that is read or written here.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "ML.NET needs a runtime that can compile, and so does every application of this library.")]
    public static JsonSerializerOptions Complete(JsonSerializerOptions options, bool enumNames)
    {
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        if (enumNames)
        {
            options.Converters.Add(new EnumNames());
        }

        options.MakeReadOnly();
        return options;
    }

    /// <summary>The contract of a type.</summary>
    public static JsonTypeInfo<T> Get<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
