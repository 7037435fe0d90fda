namespace Mlps.ML;

/// <summary>Checks of option values that only tables have.</summary>
internal static class OptionChecks
{
    /// <summary>Throws when a name is empty or occurs twice.</summary>
    public static void ColumnNames(params string[] names)
    {
        if (Array.Exists(names, string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"A column name is empty in [{string.Join(", ", names)}].");
        }

        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new ArgumentException($"A column name occurs twice in [{string.Join(", ", names)}].");
        }
    }
}
