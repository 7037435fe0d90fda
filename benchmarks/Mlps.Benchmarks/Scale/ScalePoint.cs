using System.Globalization;

namespace Mlps.Benchmarks.Scale;

/// <summary>A measured size.</summary>
/// <param name="Patches">How many.</param>
/// <param name="PseudoMaskSeconds">Three pseudo masks for each.</param>
/// <param name="EvaluationSeconds">Prediction, gate and confusion matrix for each.</param>
/// <param name="PeakMiB">The most memory that the process had.</param>
internal sealed record ScalePoint(int Patches, double PseudoMaskSeconds, double EvaluationSeconds, long PeakMiB)
{
    public static string Header => $"{"patches",8} {"pseudo masks",14} {"evaluation",12} {"peak memory",12}";

    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Patches};{PseudoMaskSeconds};{EvaluationSeconds};{PeakMiB}");

    public static ScalePoint Parse(string line)
    {
        var parts = line.Trim().Split(';');
        return new ScalePoint(
            int.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture), long.Parse(parts[3], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Patches,8} {PseudoMaskSeconds,12:f1} s {EvaluationSeconds,10:f1} s {PeakMiB,8} MiB");
}
