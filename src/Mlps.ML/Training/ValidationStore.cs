using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Reads validation tables.</summary>
internal static class ValidationStore
{
    /// <summary>Images with their true masks; the caller disposes it.</summary>
    /// <exception cref="TissueDataException">The table has no such columns, no rows, or images of different sizes.</exception>
    public static PatchStore WithMasks(IDataView table, string imageColumn, string maskColumn, int classCount, CancellationToken cancellation)
    {
        Require(table, imageColumn, column => column.Type is ImageDataViewType, "Image");
        Require(table, maskColumn, column => column.Type is VectorDataViewType { ItemType: NumberDataViewType item } && item == NumberDataViewType.Byte, "Vector<Byte>");
        return new PatchStoreReader(table, imageColumn, labelColumn: null, [maskColumn], classCount).Read(cancellation);
    }

    /// <summary>Images with their labels; the caller disposes it.</summary>
    /// <exception cref="TissueDataException">The table has no such columns, no rows, or images of different sizes.</exception>
    public static PatchStore WithLabels(IDataView table, string imageColumn, string labelColumn, int classCount, CancellationToken cancellation)
    {
        Require(table, imageColumn, column => column.Type is ImageDataViewType, "Image");
        Require(table, labelColumn, column => column.Type is VectorDataViewType { ItemType: BooleanDataViewType }, "Vector<Boolean>");
        return new PatchStoreReader(table, imageColumn, labelColumn, [], classCount).Read(cancellation);
    }

    private static void Require(IDataView table, string name, Func<DataViewSchema.Column, bool> fits, string expected)
    {
        var column = table.Schema.GetColumnOrNull(name)
            ?? throw new TissueDataException($"The validation set has no column '{name}'; it has {string.Join(", ", table.Schema.Select(other => other.Name))}.");
        if (!fits(column))
        {
            throw new TissueDataException($"Column '{name}' of the validation set is {column.Type}; expected {expected}.");
        }
    }
}
