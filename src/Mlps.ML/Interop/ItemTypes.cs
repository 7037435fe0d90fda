using Microsoft.ML.Data;

namespace Mlps.ML.Interop;

/// <summary>ML.NET's names for the types of values.</summary>
internal static class ItemTypes
{
    /// <summary>The primitive type whose values are <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PrimitiveDataViewType Get<T>() =>
        typeof(T) == typeof(float) ? NumberDataViewType.Single
        : typeof(T) == typeof(double) ? NumberDataViewType.Double
        : typeof(T) == typeof(byte) ? NumberDataViewType.Byte
        : typeof(T) == typeof(int) ? NumberDataViewType.Int32
        : typeof(T) == typeof(long) ? NumberDataViewType.Int64
        : typeof(T) == typeof(bool) ? BooleanDataViewType.Instance
        : typeof(T) == typeof(ReadOnlyMemory<char>) ? TextDataViewType.Instance
        : throw new ArgumentException($"{typeof(T)} is not used as a column's item type; expected float, double, byte, int, long, bool or ReadOnlyMemory<char>.");
}
