using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Mlps.ML.Interop;

/// <summary>Applies the steps that made a table to another table of the same kind.</summary>
/// <remarks>
/// An estimator in a chain gets the training table after earlier stages, and a validation table as the user loaded it.
/// The steps that made the training table's columns are repeated; filters, shuffles and caches are not, as they must not drop validation rows.
/// </remarks>
internal static class ViewReplay
{
    /// <summary>Brings a table to the state of another as far as certain columns go.</summary>
    /// <param name="environment">The context.</param>
    /// <param name="produced">A table that has the columns.</param>
    /// <param name="rawTable">A table that has what the first steps started from.</param>
    /// <param name="neededColumns">
    /// Columns that the result must have. Those that <paramref name="produced"/> lacks must be in <paramref name="rawTable"/> itself.
    /// </param>
    /// <param name="result">The raw table with the columns added; the raw table itself where it has them all.</param>
    /// <param name="reason">Why there is no result, as a sentence for the user.</param>
    public static bool TryReplay(
        IHostEnvironment environment,
        IDataView produced,
        IDataView rawTable,
        IReadOnlyCollection<string> neededColumns,
        [NotNullWhen(true)] out IDataView? result,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(neededColumns);
        if (neededColumns.All(name => Has(rawTable.Schema, name)))
        {
            (result, reason) = (rawTable, null);
            return true;
        }

        return TryRepeat(environment, produced, rawTable, neededColumns, out result, out reason);
    }

    /// <summary>As above, but columns that a step replaced are recomputed: images that the steps resize are resized here too.</summary>
    /// <inheritdoc cref="TryReplay"/>
    public static bool TryRepeat(
        IHostEnvironment environment,
        IDataView produced,
        IDataView rawTable,
        IReadOnlyCollection<string> neededColumns,
        [NotNullWhen(true)] out IDataView? result,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(produced);
        ArgumentNullException.ThrowIfNull(rawTable);
        ArgumentNullException.ThrowIfNull(neededColumns);
        result = null;
        reason = null;
        var nowhere = neededColumns.FirstOrDefault(name => !Has(produced.Schema, name) && !Has(rawTable.Schema, name));
        if (nowhere is not null)
        {
            reason = $"Column '{nowhere}' is in neither table.";
            return false;
        }

        var levels = WalkUp(produced, [.. neededColumns.Where(name => Has(produced.Schema, name))], out var end);

        // The earliest start is the faithful one: a step that replaces a column, such as a resize, is not left out because the name exists already.
        // Steps that both tables came through, as those before a split, are not applied again; of those whose columns were dropped since, as few as will do.
        var made = AncestorsOf(rawTable);
        var shared = levels.FindIndex(level => made.Contains(level.View));
        var first = shared < 0 ? levels.Count - 1 : shared;
        foreach (var start in Enumerable.Range(0, first + 1).Reverse().Concat(Enumerable.Range(first + 1, levels.Count - 1 - first)))
        {
            if (levels[start].Needed.All(column => Fits(levels[start].View.Schema, rawTable.Schema, column)))
            {
                result = Apply(environment, levels, start, rawTable);
                return true;
            }
        }

        var last = levels[^1];
        var missing = last.Needed.First(column => !Fits(last.View.Schema, rawTable.Schema, column));
        reason = $"Column '{missing}' of type {last.View.Schema[missing].Type} is missing, and the step that made it cannot be repeated ({end}). "
            + "Pass a table that has been through the earlier steps.";
        return false;
    }

    /// <summary>Columns of some of a table's rows: the steps that made the columns are applied to these rows alone.</summary>
    /// <param name="environment">The context.</param>
    /// <param name="table">The table.</param>
    /// <param name="neededColumns">Columns of the table that the result must have.</param>
    /// <param name="choose">Gives the chosen rows of a table whose rows are those of <paramref name="table"/>, as far back as steps work row by row.</param>
    public static IDataView OnRows(IHostEnvironment environment, IDataView table, IReadOnlyCollection<string> neededColumns, Func<IDataView, IDataView> choose)
    {
        var levels = WalkUp(table, [.. neededColumns], out _);
        var start = levels.FindIndex(level => level.View is not IRowToRowMapper || InputOf(level.View) is null);
        return Apply(environment, levels, start < 0 ? levels.Count - 1 : start, choose(levels[start < 0 ? levels.Count - 1 : start].View));
    }

    private enum Use
    {
        /// <summary>The step makes no column that matters.</summary>
        None,

        /// <summary>It makes an optional input of a later step; repeated where the other table has what it starts from.</summary>
        Optional,

        /// <summary>It makes a needed column.</summary>
        Needed,
    }

    /// <summary>A table above the training table, the columns needed of it, the kind of step that made it, and that step's inputs.</summary>
    private sealed record Level(IDataView View, HashSet<string> Needed, Use Use, IReadOnlyCollection<string> StepInputs);

    private static List<Level> WalkUp(IDataView view, HashSet<string> needed, out string end)
    {
        var levels = new List<Level>();
        HashSet<string> optional = [];
        while (InputOf(view) is { } input)
        {
            string[] made = [.. needed.Where(name => Makes(view, input, name))];
            string[] madeOptional = [.. optional.Where(name => Makes(view, input, name))];
            if (made.Length > 0 && view is not IRowToRowMapper)
            {
                levels.Add(new Level(view, needed, Use.None, []));
                end = $"the step {view.GetType().Name} does not work row by row";
                return levels;
            }

            (var required, var extra) = InputsOf(view, made);
            var requiredByOptional = InputsOf(view, madeOptional).Required;
            var use = made.Length > 0 ? Use.Needed : madeOptional.Length > 0 && view is IRowToRowMapper ? Use.Optional : Use.None;
            levels.Add(new Level(view, needed, use, [.. required, .. requiredByOptional]));
            needed = [.. needed.Except(made), .. required];
            optional = [.. optional.Except(madeOptional), .. extra, .. requiredByOptional];
            optional.ExceptWith(needed);
            view = input;
        }

        levels.Add(new Level(view, needed, Use.None, []));
        end = $"the table {view.GetType().Name} does not say what it was made from";
        return levels;
    }

    /// <summary>A table and those that it was made from.</summary>
    private static HashSet<IDataView> AncestorsOf(IDataView table)
    {
        var ancestors = new HashSet<IDataView>(ReferenceEqualityComparer.Instance) { table };
        while (InputOf(table) is { } input && ancestors.Add(input))
        {
            table = input;
        }

        return ancestors;
    }

    private static IDataView Apply(IHostEnvironment environment, List<Level> levels, int start, IDataView table)
    {
        for (var level = start - 1; level >= 0; level--)
        {
            var step = levels[level];
            if (step.Use == Use.Needed || (step.Use == Use.Optional && step.StepInputs.All(name => Has(table.Schema, name))))
            {
                table = step.View is IReplayableView stage
                    ? stage.ReplayOn(table)
                    : ApplyTransformUtils.ApplyTransformToData(environment, (IDataTransform)step.View, table);
            }
        }

        return table;
    }

    private static (string[] Required, string[] Optional) InputsOf(IDataView view, string[] made) =>
        made.Length == 0 ? ([], [])
        : view is IReplayableView stage ? stage.InputsOf(made)
        : view is IRowToRowMapper mapper ? ([.. mapper.GetDependencies(made.Select(name => view.Schema[name])).Select(column => column.Name)], [])
        : ([], []);

    private static IDataView? InputOf(IDataView view) => view switch
    {
        IReplayableView stage => stage.Input,
        IDataTransform transform => transform.Source,
        CacheDataView cache => cache._subsetInput,
        _ => null,
    };

    /// <summary>Whether a step adds a column, or replaces one of the same name.</summary>
    private static bool Makes(IDataView view, IDataView input, string name) =>
        CountOf(view.Schema, name) > CountOf(input.Schema, name);

    private static int CountOf(DataViewSchema schema, string name) => schema.Count(column => column.Name == name);

    private static bool Has(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) is not null;

    private static bool Fits(DataViewSchema produced, DataViewSchema raw, string name) =>
        raw.GetColumnOrNull(name) is { } column && (column.Type.Equals(produced[name].Type)
            || (column.Type is ImageDataViewType && produced[name].Type is ImageDataViewType)
            || (column.Type is VectorDataViewType vector && produced[name].Type is VectorDataViewType other && vector.ItemType.Equals(other.ItemType)));
}
