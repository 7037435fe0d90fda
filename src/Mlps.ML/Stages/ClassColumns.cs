using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;

namespace Mlps.ML.Stages;

/// <summary>Output columns that carry class names.</summary>
internal static class ClassColumns
{
    /// <summary>A promised column with its annotations.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="type">Its type.</param>
    /// <param name="classCount">C.</param>
    /// <param name="perSlot">Whether each slot is a class.</param>
    public static SchemaShape.Column Shape(string name, DataViewType type, int classCount, bool perSlot = false)
    {
        var names = new VectorDataViewType(TextDataViewType.Instance, classCount);
        return perSlot
            ? SchemaShapes.Column(name, type, (ClassAnnotations.Classes, names), (ClassAnnotations.SlotNames, names))
            : SchemaShapes.Column(name, type, (ClassAnnotations.Classes, names));
    }
}
