using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Reads validation tables, after the steps that the training table's images and labels came through: loading, resizing.</summary>
/// <param name="environment">The context.</param>
/// <param name="training">The training table.</param>
/// <param name="classCount">C.</param>
/// <param name="cancellation">Stops the reading at the next row.</param>
internal sealed class ValidationStore(IHostEnvironment environment, IDataView training, int classCount, CancellationToken cancellation)
{
    /// <summary>Images with their true masks; the caller disposes it.</summary>
    /// <exception cref="TissueDataException">The table has no such columns, no rows, or images of different sizes.</exception>
    public PatchStore WithMasks(IDataView validation, string imageColumn, string maskColumn)
    {
        var table = Prepared(validation, imageColumn, maskColumn);
        Require(table, imageColumn, column => column.Type is ImageDataViewType, "Image");
        Require(table, maskColumn, column => column.Type is VectorDataViewType { ItemType: NumberDataViewType item } && item == NumberDataViewType.Byte, "Vector<Byte>");
        return new PatchStoreReader(table, imageColumn, labelColumn: null, [maskColumn], classCount).Read(cancellation);
    }

    /// <summary>Images with their labels; the caller disposes it.</summary>
    /// <param name="validation">The table.</param>
    /// <param name="imageColumn">Images.</param>
    /// <param name="labelColumn">Vector of Boolean [C].</param>
    /// <param name="maskColumn">What it could have had in place of labels.</param>
    /// <exception cref="TissueDataException">The table has no such columns, no rows, or images of different sizes.</exception>
    public PatchStore WithLabels(IDataView validation, string imageColumn, string labelColumn, string maskColumn)
    {
        var table = Prepared(validation, imageColumn, labelColumn);
        Require(table, imageColumn, column => column.Type is ImageDataViewType, "Image");
        Require(table, labelColumn, column => column.Type is VectorDataViewType { ItemType: BooleanDataViewType }, "Vector<Boolean>", instead: maskColumn);
        return new PatchStoreReader(table, imageColumn, labelColumn, [], classCount).Read(cancellation);
    }

    /// <summary>Images with the pseudo masks that the earlier stages make of their labels, or with those that they have and no labels; the caller disposes it.</summary>
    /// <exception cref="TissueDataException">The table has neither masks nor what pseudo masks are made of, no rows, or images of different sizes.</exception>
    public PatchStore WithPseudoMasks(IDataView validation, string imageColumn, string maskColumn, IReadOnlyList<string> pseudoMaskColumns)
    {
        // Without labels, pseudo masks would be made of what the classifier itself predicts.
        if (!validation.Schema.Any(column => IsLabel(column) && training.Schema.GetColumnOrNull(column.Name) is { } same && IsLabel(same)))
        {
            return pseudoMaskColumns.All(name => validation.Schema.GetColumnOrNull(name) is not null)
                ? new PatchStoreReader(Prepared(validation, imageColumn), imageColumn, labelColumn: null, pseudoMaskColumns, classCount).Read(cancellation)
                : throw Missing(validation, maskColumn);
        }

        if (!ViewReplay.TryRepeat(environment, training, validation, [imageColumn, .. pseudoMaskColumns], out var table, out var reason))
        {
            throw new TissueDataException($"The validation set has no column '{maskColumn}', and pseudo masks cannot be made of its labels: {reason}");
        }

        return new PatchStoreReader(table, imageColumn, labelColumn: null, pseudoMaskColumns, classCount).Read(cancellation);
    }

    /// <summary>The table with the columns as the training table's steps make them; the table itself where it lacks what they start from, which is then named.</summary>
    private IDataView Prepared(IDataView validation, params string[] columns) =>
        ViewReplay.TryRepeat(environment, training, validation, columns, out var prepared, out _) ? prepared : validation;

    private static bool IsLabel(DataViewSchema.Column column) => column.Type is VectorDataViewType { ItemType: BooleanDataViewType };

    private static void Require(IDataView table, string name, Func<DataViewSchema.Column, bool> fits, string expected, string? instead = null)
    {
        var column = table.Schema.GetColumnOrNull(name)
            ?? throw Missing(table, name, instead);
        if (!fits(column))
        {
            throw new TissueDataException($"Column '{name}' of the validation set is {column.Type}; expected {expected}.");
        }
    }

    private static TissueDataException Missing(IDataView table, string name, string? instead = null) => new(
        $"The validation set has no column '{name}'{(instead is null ? string.Empty : $" and no column '{instead}'")}; it has {string.Join(", ", table.Schema.Select(other => other.Name))}.");
}
