using Microsoft.ML;
using Mlps.Cli.Terminal;
using Mlps.Cli.Training;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>The figures of docs/method.md: what the method makes of its patches, stage by stage.</summary>
internal static class MethodFigures
{
    private const int TileSize = 144;
    private const int GateRows = 3;
    private const double PublishedGateThreshold = 0.1;

    /// <summary>Writes <c>method-activation-maps.png</c>, <c>method-pseudo-masks.png</c> and <c>method-gate.png</c>.</summary>
    public static void Save(MLContext ml, TissueDataset dataset, TrainedModel model, string folder)
    {
        var classes = dataset.Classes;
        var training = SomeTrainingPatches(ml, dataset, model);
        Write(Path.Combine(folder, "method-pseudo-masks.png"), ContactSheet.Draw(
            [.. training.Select(patch => new ContactSheetRow { Name = patch.Label, Image = patch.Row.Image, PseudoMasks = patch.Row.PseudoMasks })],
            classes,
            new ContactSheetOptions { Title = "Training patches, their labels, and a pseudo mask from each layer", TileSize = TileSize }));

        var (label, shown) = training[1];
        Write(Path.Combine(folder, "method-activation-maps.png"), ActivationSheet.Draw(
            shown.Image, shown.ActivationMaps, Cells(shown.Image.Width), Cells(shown.Image.Height), classes, new ActivationSheetOptions { Title = $"Activation maps; label: {label}", TileSize = TileSize }));

        Write(Path.Combine(folder, "method-gate.png"), ContactSheet.Draw(
            GateTable(ml, dataset, model),
            classes,
            new ContactSheetOptions { Title = "Test images: the segmenter with and without the gate", TileSize = TileSize, PseudoMaskHeaders = ["without gate"] }));
    }

    /// <summary>The first patch of one tissue, the first of two, and the first of three.</summary>
    private static (string Label, PatchRow Row)[] SomeTrainingPatches(MLContext ml, TissueDataset dataset, TrainedModel model)
    {
        var patches = dataset.Patches(DatasetSplit.Train);
        var wanted = Enumerable.Range(1, 3).Select(count => patches.First(patch => patch.Label!.Count(occurs => occurs) == count)).ToDictionary(patch => patch.Name);
        var some = ml.Data.FilterByCustomPredicate<Named>(dataset.Load(ml, DatasetSplit.Train), row => !wanted.ContainsKey(row.Name));
        return
        [
            .. PatchRow.Read(model.Transform(some), withInsight: true)
                .OrderBy(row => wanted[row.Name].Label!.Count(occurs => occurs))
                .Select(row => (string.Join(", ", dataset.Classes.Names.Where((_, c) => wanted[row.Name].Label![c])), row)),
        ];
    }

    /// <summary>The test images in which the gate changes most pixels.</summary>
    private static ContactSheetRow[] GateTable(MLContext ml, TissueDataset dataset, TrainedModel model)
    {
        var table = dataset.Load(ml, DatasetSplit.Test);
        var asked = model.Segmenter.Segmentation with { Gate = GateMode.Windows, GateThreshold = PublishedGateThreshold };
        var gated = PatchRow.Read(model.Transform(table, asked), withInsight: false);
        var open = PatchRow.Read(model.Transform(table, asked with { Gate = GateMode.None }), withInsight: false);
        return
        [
            .. gated.Zip(open, (with, without) => (With: with, Without: without, Changed: with.Prediction.Zip(without.Prediction).Count(pixel => pixel.First != pixel.Second)))
                .OrderByDescending(image => image.Changed)
                .Take(GateRows)
                .Select(image => new ContactSheetRow
                {
                    Name = $"{image.With.Name}: {image.Changed} pixels changed",
                    Image = image.With.Image,
                    Truth = image.With.Truth,
                    Prediction = image.With.Prediction,
                    PseudoMasks = [image.Without.Prediction],
                }),
        ];
    }

    private static int Cells(int pixels) => (pixels + 7) / 8;

    private static void Write(string path, Picture picture)
    {
        picture.Save(path);
        Say.Written(path);
    }

    private sealed class Named
    {
        public string Name { get; set; } = string.Empty;
    }
}
