using Xunit;

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>How long tests wait for another thread.</summary>
internal static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something has happened, and fails where it does not.</summary>
    public static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Limit), "It did not happen within half a minute.");
}
