using System.Text.Json.Nodes;
using Mlps.ML.Interop;
using Mlps.Torch;
using Mlps.Torch.PseudoMasks;

namespace Mlps.ML;

/// <summary>What a saved pseudo mask transformer is.</summary>
internal sealed record PseudoMaskModel : ISavedOptions
{
    /// <summary>The classes, as in <c>dataset.json</c>.</summary>
    public required string Classes { get; init; }

    public required PseudoMasksOptions Options { get; init; }

    public static PseudoMaskModel From(PseudoMasksOptions options, TissueClasses classes) =>
        new() { Classes = classes.ToJson(), Options = options with { Scaling = options.Recipe.EffectiveScaling(options.Scaling) } };

    /// <inheritdoc/>
    public void Check()
    {
        TissueClasses.FromJson(Classes);
        Options.Check();
    }

    /// <summary>Turns what layout 1 wrote into layout 2: the scaling was the recipe's.</summary>
    public static void UpgradeLayout1(JsonObject model)
    {
        if (model[nameof(Options)] is JsonObject options)
        {
            var isReference = options[nameof(PseudoMasksOptions.Recipe)]?.ToString() == nameof(Recipe.Reference);
            options[nameof(PseudoMasksOptions.Scaling)] = isReference ? nameof(MapScaling.OverAllClasses) : nameof(MapScaling.OverPresentClasses);
        }
    }

    /// <summary>The columns that are read; the label or a probability, whichever a table has.</summary>
    public static InputColumn[] Inputs(PseudoMasksOptions options, int classCount) =>
    [
        InputColumn.Image(options.ImageColumnName),
        InputColumn.Vector<float>(options.ActivationMapsColumnName),
        InputColumn.Vector<bool>(options.LabelColumnName, classCount, optional: true),
        InputColumn.Vector<float>(options.GateProbabilityColumnName, optional: true),
        InputColumn.Vector<float>(options.ProbabilityColumnName, classCount, optional: true),
    ];
}
