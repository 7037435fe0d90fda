using System.Reflection;

namespace Mlps.Docs.Tests.Options;

/// <summary>What can be set on an options record, in the order of its source.</summary>
internal static class OptionProperties
{
    public static IEnumerable<PropertyInfo> Find(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).OrderBy(property => property.MetadataToken);

    /// <summary>Ready-made values of a record: static properties of its own type.</summary>
    public static IEnumerable<PropertyInfo> PresetsOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(property => property.PropertyType == type);

    /// <summary>The type of this library that a property's value is made of: an options record or an enumeration, itself or in a list; null where it is made of others.</summary>
    public static Type? OwnTypeOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        type = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;
        return type.Namespace!.StartsWith("Mlps", StringComparison.Ordinal) && (type.IsEnum || type.GetConstructor(Type.EmptyTypes) is not null) ? type : null;
    }
}
