namespace Mlps.ML;

/// <summary>Names the formatters of a type; .NET Interactive finds this attribute by name and shape in any assembly.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>A type with a parameterless constructor and a method <c>CreateTypeFormatters</c>.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>What a notebook shows when it can show several forms.</summary>
    public string[] PreferredMimeTypes { get; set; } = ["text/html"];
}
