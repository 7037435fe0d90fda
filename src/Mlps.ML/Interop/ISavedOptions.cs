namespace Mlps.ML.Interop;

/// <summary>What a model file says of a stage beside its weights: it checks itself wherever it comes from.</summary>
internal interface ISavedOptions
{
    /// <summary>Throws when a value is missing or outside its range.</summary>
    /// <exception cref="ArgumentException">A value is missing or outside its range.</exception>
    /// <exception cref="FormatException">The classes cannot be read.</exception>
    void Check();
}
