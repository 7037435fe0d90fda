namespace Mlps.ML;

/// <summary>How much synthetic tissue there is to be, and of what kinds.</summary>
public sealed record SyntheticTissueOptions
{
    /// <summary>The fewest tissues that can be drawn.</summary>
    public const int MinimumClasses = 2;

    /// <summary>The most tissues that can be drawn.</summary>
    public const int MaximumClasses = 5;

    private const int MinimumSize = 32;
    private const int MaximumSize = 4096;

    /// <summary>Patches with labels in their file names; 0 for no training split.</summary>
    public int TrainPatches { get; init; } = 600;

    /// <summary>Validation images with masks; 0 for no validation split.</summary>
    public int ValidationPatches { get; init; } = 40;

    /// <summary>Test images with masks; 0 for no test split.</summary>
    public int TestPatches { get; init; } = 60;

    /// <summary>Height and width of training patches, 32..4096 px.</summary>
    /// <remarks>Textures keep their size in pixels.</remarks>
    public int PatchSize { get; init; } = 96;

    /// <summary>Height and width of validation and test images, 32..4096 px.</summary>
    public int EvaluationSize { get; init; } = 128;

    /// <summary>What the drawing follows from: equal options draw equal pixels.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>C, the first so many of tumor, stroma, lymphocyte, necrosis and blood: 2..5.</summary>
    public int ClassCount { get; init; } = 3;

    /// <summary>Whether some patches show white slide beside the tissue, and the dataset has a background class.</summary>
    public bool Background { get; init; } = true;

    /// <summary>The share of a patch from which on a tissue counts in the patch's label, (0, 0.5].</summary>
    public double LabelFraction { get; init; } = 0.03;

    /// <summary>The share of training patches with one tissue only, [0, 1]; the others have two or three.</summary>
    public double SingleTissueFraction { get; init; } = 0.4;

    internal void Validate()
    {
        Check(TrainPatches >= 0, nameof(TrainPatches), TrainPatches, "0 or more");
        Check(ValidationPatches >= 0, nameof(ValidationPatches), ValidationPatches, "0 or more");
        Check(TestPatches >= 0, nameof(TestPatches), TestPatches, "0 or more");
        Check(TrainPatches + ValidationPatches + TestPatches > 0, nameof(TrainPatches), TrainPatches, "above 0 where there are no other patches");
        Check(PatchSize is >= MinimumSize and <= MaximumSize, nameof(PatchSize), PatchSize, $"{MinimumSize}..{MaximumSize}");
        Check(EvaluationSize is >= MinimumSize and <= MaximumSize, nameof(EvaluationSize), EvaluationSize, $"{MinimumSize}..{MaximumSize}");
        Check(ClassCount is >= MinimumClasses and <= MaximumClasses, nameof(ClassCount), ClassCount, $"{MinimumClasses}..{MaximumClasses}");
        Check(LabelFraction is > 0 and <= 0.5, nameof(LabelFraction), LabelFraction, "in (0, 0.5]");
        Check(SingleTissueFraction is >= 0 and <= 1, nameof(SingleTissueFraction), SingleTissueFraction, "in [0, 1]");
    }

    private static void Check(bool valid, string name, object value, string range)
    {
        if (!valid)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
