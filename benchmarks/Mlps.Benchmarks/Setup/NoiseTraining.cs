using Mlps.Torch;
using Mlps.Torch.Training;

namespace Mlps.Benchmarks.Setup;

/// <summary>How steps on noise are trained: as published, but at a rate at which random weights and labels end in no not-a-number, however many steps are measured.</summary>
internal static class NoiseTraining
{
    /// <summary>Learning rate of all measured steps, the plain ones too.</summary>
    public const double LearningRate = 1e-4;

    /// <summary>Stage 1, as from loaded weights.</summary>
    public static PatchClassifierTrainingOptions Classifier(PatchClassifierTrainingOptions options, Precision precision) =>
        options with { Precision = precision, Optimizer = options.Optimizer with { LearningRate = LearningRate } };

    /// <summary>Stage 2.</summary>
    public static SegmenterTrainingOptions Segmenter(SegmenterTrainingOptions options, Precision precision) =>
        options with { Precision = precision, Optimizer = options.Optimizer with { LearningRate = LearningRate } };
}
