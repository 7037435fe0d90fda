using Microsoft.ML;

namespace Mlps.ML;

/// <summary>The columns that a patch store is read from.</summary>
/// <param name="Image">Images.</param>
/// <param name="Label">Vector of Boolean [C], or null.</param>
/// <param name="Masks">Vectors of Byte [H, W].</param>
/// <param name="Name">Text by which messages name a row, or null.</param>
/// <param name="ClassCount">C.</param>
internal sealed record PatchRowColumns(DataViewSchema.Column Image, DataViewSchema.Column? Label, DataViewSchema.Column[] Masks, DataViewSchema.Column? Name, int ClassCount)
{
    /// <summary>Text that says where a patch was cut from, or null.</summary>
    public DataViewSchema.Column? Source { get; init; }

    /// <summary>Vector of Single, the probabilities of the gate; or null.</summary>
    public DataViewSchema.Column? Gate { get; init; }

    public IEnumerable<DataViewSchema.Column> All => [Image, .. Masks, .. new[] { Label, Name, Source, Gate }.OfType<DataViewSchema.Column>()];
}
