using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>Reads labels that somebody has already: a CSV file with the columns <c>file,tumor,stroma,…</c> or <c>file,labels</c>.</summary>
internal static class LabelTable
{
    private const string FileColumn = "file", LabelsColumn = "labels";

    /// <summary>Columns that exported tables have beside the tissues'.</summary>
    private static readonly string[] _known = [FileColumn, "slide", "people", "part", "reason"];

    private static readonly string[] _yes = ["1", "true", "yes", "x"];
    private static readonly string[] _no = ["0", "false", "no"];

    /// <summary>The answers in a table; rows without any label are none.</summary>
    /// <param name="path">The file. Its patches are named by paths below the folder of patches, with or without the extension.</param>
    /// <param name="patches">The patches.</param>
    /// <param name="classes">The tissues.</param>
    /// <exception cref="TissueDataException">A tissue has no column, a column no tissue, a patch is not there or occurs twice, or a field is no label; the message names the line.</exception>
    public static IReadOnlyList<Answer> Read(string path, PatchList patches, TissueClasses classes)
    {
        var table = CsvTable.Read(path);
        var file = table.Require(FileColumn);
        var list = table.IndexOf(LabelsColumn);
        int[] columns = list >= 0 ? [] : [.. classes.Names.Select(table.Require)];
        if (table.Header.FirstOrDefault(column => column != LabelsColumn && !_known.Contains(column, StringComparer.OrdinalIgnoreCase) && classes.Names.All(name => table.IndexOf(name) != table.IndexOf(column))) is { } other)
        {
            throw new TissueDataException(table.Path, $"The column '{ShortText.Of(other)}' is none of the tissues {classes}.", "Give it a tissue's name, or remove it.");
        }

        var byName = patches.Patches.GroupBy(patch => patch.Key[..^Path.GetExtension(patch.Key).Length], NameForm.Comparer).Where(group => group.Count() == 1).ToDictionary(group => group.Key, group => group.First(), NameForm.Comparer);
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var name = row.Fields[file].Replace('\\', '/');
            var patch = patches.Find(name) is { } index ? patches.Patches[index] : byName.GetValueOrDefault(name)
                ?? throw new TissueDataException(table.Path, $"Line {row.Line}: there is no patch '{ShortText.Of(name)}' in {patches.Folder}.", "Write its path below that folder.");
            var tissues = list >= 0 ? FromList(table.Path, row, row.Fields[list], classes) : FromColumns(table.Path, row, columns);
            if (tissues is { } known && !answers.TryAdd(patch.Key, new Answer(patch.Key, known, DateTimeOffset.UtcNow)))
            {
                throw new TissueDataException(table.Path, $"Line {row.Line}: the patch '{ShortText.Of(name)}' was there before.", "Keep one of its lines.");
            }
        }

        return [.. answers.Values];
    }

    /// <summary><c>tumor;stroma</c>, also with <c>|</c> or <c>+</c>, or <c>[1 0 1]</c>; null where the field is empty.</summary>
    private static uint? FromList(string path, CsvRow row, string field, TissueClasses classes)
    {
        if (string.IsNullOrWhiteSpace(field))
        {
            return null;
        }

        if (field.StartsWith('['))
        {
            var label = PatchLabel.Read($"line {row.Line} {field}.png", classes);
            return label.Index().Where(tissue => tissue.Item).Aggregate(0u, (bits, tissue) => bits | (1u << tissue.Index));
        }

        var tissues = 0u;
        foreach (var name in field.Split([';', '|', '+'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var place = TissueList.PlaceOf(classes, name);
            tissues |= place >= 0 ? 1u << place : throw new TissueDataException(path, $"Line {row.Line}: '{ShortText.Of(name)}' is none of the tissues {classes}.", "Separate several by semicolons: tumor;stroma.");
        }

        return tissues;
    }

    private static uint? FromColumns(string path, CsvRow row, int[] columns)
    {
        if (Array.TrueForAll(columns, column => string.IsNullOrWhiteSpace(row.Fields[column])))
        {
            return null;
        }

        var tissues = 0u;
        for (var tissue = 0; tissue < columns.Length; tissue++)
        {
            var field = row.Fields[columns[tissue]].Trim();
            if (_yes.Contains(field, StringComparer.OrdinalIgnoreCase))
            {
                tissues |= 1u << tissue;
            }
            else if (!_no.Contains(field, StringComparer.OrdinalIgnoreCase))
            {
                throw new TissueDataException(path, $"Line {row.Line}: '{ShortText.Of(field)}' says neither that a tissue occurs nor that it does not.", "Write 1 or 0 for each tissue, or leave all of them empty.");
            }
        }

        return tissues;
    }
}
