using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>What a model expects of patches that nobody has labelled: the patches that it is least sure of are the most useful to label.</summary>
/// <param name="classify">Adds the column Probability to a table of images.</param>
/// <param name="modelClasses">The tissues of the model.</param>
internal sealed class ModelScores(Func<IDataView, IDataView> classify, TissueClasses modelClasses)
{
    /// <summary>Patches that are looked at together.</summary>
    private const int BatchSize = 32;

    /// <summary>Checks that the model knows the tissues that are labelled.</summary>
    /// <exception cref="TissueDataException">It does not.</exception>
    public void Require(string model, TissueClasses labelled)
    {
        if (labelled.Names.FirstOrDefault(name => TissueList.PlaceOf(modelClasses, name) < 0) is { } unknown)
        {
            throw new TissueDataException(model, $"The model does not know the tissue {unknown}; its tissues are {modelClasses}.", "Give a model that was trained on these tissues, or leave --model out.");
        }
    }

    /// <summary>Looks at patches that nobody has answered, drawn at random, and tells the session of each few.</summary>
    /// <param name="session">The session.</param>
    /// <param name="count">How many patches, at most.</param>
    /// <param name="stop">Stops after the batch at hand.</param>
    /// <returns>How many it looked at; images that cannot be read are not among them.</returns>
    public int Run(LabelSession session, int count, CancellationToken stop)
    {
        var answered = session.Labels.All().SelectMany(person => person.Answers).Select(answer => session.Patches.Find(answer.Patch)).OfType<int>().ToHashSet();
        int[] places = [.. session.Labels.Classes.Names.Select(name => TissueList.PlaceOf(modelClasses, name))];
        var scored = 0;
        foreach (var batch in session.Order.Where(index => !answered.Contains(index)).Take(count).Chunk(BatchSize))
        {
            stop.ThrowIfCancellationRequested();
            var scores = Score([.. batch.Select(index => session.Patches.Patches[index])], places).ToArray();
            session.AddScores(scores);
            scored += scores.Length;
        }

        return scored;
    }

    private IEnumerable<(int Index, float[] Probabilities)> Score(PatchFile[] patches, int[] places)
    {
        var byKey = patches.ToDictionary(patch => patch.Key, patch => patch.Index, StringComparer.Ordinal);
        var table = classify(new PatchTable([.. patches.Select(patch => new TissuePatch(patch.Key, patch.Path, null, null))], PatchColumns.Name, PatchColumns.ImagePath, PatchColumns.AnyImage) { Damaged = static _ => { } });
        DataViewSchema.Column[] columns = [table.Schema[TissueColumns.Name], table.Schema[TissueColumns.Probability], table.Schema[TissueColumns.Image]];
        using var cursor = table.GetRowCursor(columns);
        var name = cursor.GetGetter<ReadOnlyMemory<char>>(columns[0]);
        var probability = cursor.GetGetter<VBuffer<float>>(columns[1]);
        while (cursor.MoveNext())
        {
            ReadOnlyMemory<char> key = default;
            VBuffer<float> values = default;
            name(ref key);
            probability(ref values);
            float[] all = [.. values.DenseValues()];
            yield return (byKey[key.ToString()], [.. places.Select(place => all[place])]);
        }
    }
}
