namespace Mlps.ML;

/// <summary>From which probability a tissue counts as occurring in an image.</summary>
public enum PresenceThresholds
{
    /// <summary>0.5 for every tissue.</summary>
    Fixed,

    /// <summary>For each tissue the threshold in [0.1, 0.9] that gives the best F1 on the validation set's labels, or on the windows of its masks.</summary>
    /// <remarks>0.5 where there is no validation set, where it is as good, and for tissues that occur in none of the windows or in all.</remarks>
    FromValidation,
}
