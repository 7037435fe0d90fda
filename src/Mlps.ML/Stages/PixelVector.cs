using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Types of columns with a value for each pixel.</summary>
internal static class PixelVector
{
    /// <summary>A vector of the given dimensions, of which 0 stands for one that is not known.</summary>
    /// <remarks>ML.NET overflows on types with more values than an array holds. Their height and width are left open: who reads the column is told that it does not fit.</remarks>
    public static VectorDataViewType Type(PrimitiveDataViewType item, params ReadOnlySpan<int> dimensions)
    {
        var values = 1L;
        foreach (var dimension in dimensions)
        {
            values = Math.Min(values, Array.MaxLength) * dimension;
        }

        if (values <= Array.MaxLength)
        {
            return new VectorDataViewType(item, dimensions.ToArray());
        }

        int[] open = [.. dimensions];
        open.AsSpan(^2..).Clear();
        return new VectorDataViewType(item, open);
    }
}
