using Mlps.Cli.Terminal;
using Mlps.ML;
using Mlps.Torch.Networks;

namespace Mlps.Cli.Training;

/// <summary>The demonstration: synthetic tissue, and a training that two cores finish in minutes.</summary>
internal static class Demonstration
{
    private const double Width = 0.0625;
    private const double SegmenterWidth = 0.5;
    private const int ClassifierEpochs = 16;
    private const int SegmenterEpochs = 8;
    private const double ClassifierRate = 0.02;

    /// <summary>Draws the tissue into a folder that does not exist.</summary>
    public static void Draw(string folder, int seed, CancellationToken stop)
    {
        var options = new SyntheticTissueOptions { Seed = seed };
        var count = options.TrainPatches + options.ValidationPatches + options.TestPatches;
        WorkDisplay.Run("Drawing synthetic tissue", count, step =>
        {
            SyntheticTissue.Write(folder, options, new StepProgress<SyntheticTissueProgress>(step), stop);
            return true;
        });
    }

    /// <summary>Trains on it.</summary>
    public static TrainingRun Train(TissueDataset dataset, int seed, CancellationToken stop) => TrainingRun.Start(
        dataset,
        DamagedImages.Fail,
        new TrainingSettings
        {
            Seed = seed,
            Width = Width,
            Backbone = BackboneKind.Compact,
            SegmenterWidth = SegmenterWidth,
            ClassifierEpochs = ClassifierEpochs,
            SegmenterEpochs = SegmenterEpochs,
            ClassifierRate = ClassifierRate,
        },
        modelPath: null, stop);
}
