namespace Mlps.Torch.Weights;

/// <summary>A weight file is sound but does not fit the module; the module is unchanged.</summary>
/// <remarks>The message lists every missing, unexpected and wrongly shaped tensor. <see cref="Report"/> holds the same as data.</remarks>
public sealed class WeightMismatchException : InvalidOperationException
{
    /// <summary>Creates the exception from the comparison that failed.</summary>
    /// <param name="problem">One sentence that says which rule was broken and what to do.</param>
    /// <param name="report">The comparison of file and module.</param>
    public WeightMismatchException(string problem, WeightLoadReport report)
        : base($"Weight file '{report.File}': {problem}{Environment.NewLine}{report}")
    {
        Report = report;
    }

    /// <summary>What matched and what did not; the module is unchanged.</summary>
    public WeightLoadReport Report { get; }
}
