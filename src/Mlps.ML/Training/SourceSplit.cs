using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;

namespace Mlps.ML;

/// <summary>Which slides' patches are held out of a training: whole sources, so that no slide is on both sides.</summary>
internal sealed class SourceSplit
{
    private readonly HashSet<string> _heldOut;

    private SourceSplit(HashSet<string> heldOut) => _heldOut = heldOut;

    /// <summary>Draws sources by the context's seed until their patches are a share of all; at least one is held out and one is left.</summary>
    /// <remarks>Both stages draw the same ones from the same table. Null for a share of 0.</remarks>
    /// <param name="environment">The seed; where the draw is reported.</param>
    /// <param name="table">With a column Source; nothing else of it is read.</param>
    /// <param name="fraction">The share, in [0, 1).</param>
    /// <exception cref="TissueDataException">There is no such column, or fewer than two sources.</exception>
    public static SourceSplit? Draw(IHostEnvironment environment, IDataView table, double fraction)
    {
        if (fraction == 0)
        {
            return null;
        }

        var counts = Count(table);
        if (counts.Count < 2)
        {
            throw new TissueDataException(
                $"All patches of column '{TissueColumns.Source}' come from one source: none can be held out for validation. Give a ValidationSet, or set ValidationFraction to 0.");
        }

        var seed = ComputeDevice.ReadSeed(environment) ?? 0;
        var total = counts.Values.Sum();
        var heldOut = new HashSet<string>();
        var patches = 0;
        foreach (var (source, count) in counts.OrderBy(pair => Draw(seed, pair.Key), StringComparer.Ordinal).Take(counts.Count - 1))
        {
            if (patches >= fraction * total)
            {
                break;
            }

            heldOut.Add(source);
            patches += count;
        }

        environment.Info("Validation", string.Create(CultureInfo.InvariantCulture, $"Held out of the training: {patches} of {total} patches, from {heldOut.Count} of {counts.Count} sources."));
        return new SourceSplit(heldOut);
    }

    /// <summary>Whether a source's patches are held out.</summary>
    public bool HoldsOut(string source) => _heldOut.Contains(source);

    private static string Draw(int seed, string source) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed} {source}"))));

    private static Dictionary<string, int> Count(IDataView table)
    {
        var column = SourceOf(table);
        var counts = new Dictionary<string, int>();
        using var cursor = table.GetRowCursor([column]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> source = default;
        while (cursor.MoveNext())
        {
            getter(ref source);
            var name = source.ToString();
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }

    /// <summary>The column that names sources.</summary>
    /// <exception cref="TissueDataException">There is none.</exception>
    public static DataViewSchema.Column SourceOf(IDataView table) => table.Schema.GetColumnOrNull(TissueColumns.Source) is { Type: TextDataViewType } column
        ? column
        : throw new TissueDataException(
            $"ValidationFraction holds whole sources out, and the table has no Text column '{TissueColumns.Source}'; it has {string.Join(", ", table.Schema.Select(other => other.Name))}. Load the table with TissueDataset, add the column, or give a ValidationSet.");
}
