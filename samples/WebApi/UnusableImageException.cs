namespace Mlps.Samples.WebApi;

/// <summary>A request that cannot be answered with a mask.</summary>
/// <param name="statusCode">The status of the answer.</param>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class UnusableImageException(int statusCode, string message) : Exception(message)
{
    /// <summary>The status of the answer.</summary>
    public int StatusCode { get; } = statusCode;
}
