using System.Collections;
using System.Globalization;
using System.Reflection;
using Mlps.Torch.Weights;

namespace Mlps.Docs.Tests.Options;

/// <summary>Types and values as one writes them in C#.</summary>
internal static class CodeText
{
    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
    };

    /// <summary>A property's type, with a question mark where it may be null.</summary>
    public static string TypeOf(PropertyInfo property)
    {
        var mayBeNull = !property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState is NullabilityState.Nullable;
        return TypeName(property.PropertyType) + (mayBeNull ? "?" : string.Empty);
    }

    /// <summary>A value; of a record those properties that differ from its type's defaults.</summary>
    public static string Value(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",

        // Its place depends on the machine.
        string text when text == PretrainedWeights.ResNet18 => $"{nameof(PretrainedWeights)}.{nameof(PretrainedWeights.ResNet18)}",
        string text => $"\"{text}\"",
        Enum name => name.ToString(),
        CancellationToken => "none",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Value))}]",
        _ => Record(value),
    };

    private static string Record(object value)
    {
        var plain = Activator.CreateInstance(value.GetType())!;
        var different = OptionProperties.Find(value.GetType())
            .Select(property => (property.Name, Value: Value(property.GetValue(value)), Plain: Value(property.GetValue(plain))))
            .Where(property => property.Value != property.Plain)
            .Select(property => $"{property.Name} = {property.Value}")
            .ToArray();
        return different.Length == 0 ? "new()" : $"new() {{ {string.Join(", ", different)} }}";
    }

    private static string TypeName(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? TypeName(inner) + "?"
        : _keywords.TryGetValue(type, out var keyword) ? keyword
        : !type.IsGenericType ? type.Name
        : $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>";
}
