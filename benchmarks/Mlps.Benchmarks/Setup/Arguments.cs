using System.Globalization;

namespace Mlps.Benchmarks.Setup;

/// <summary>A command line that is not understood; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Reads the arguments of verbs.</summary>
internal static class Arguments
{
    /// <summary>A whole number of at least 0.</summary>
    /// <param name="argument">What was given.</param>
    /// <param name="meaning">What messages call it.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static int Count(string argument, string meaning) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : throw new UsageException($"'{argument}' is no number of {meaning}.");

    /// <summary>A number.</summary>
    /// <param name="argument">What was given.</param>
    /// <param name="meaning">What messages call it.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static double Number(string argument, string meaning) =>
        double.TryParse(argument, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"'{argument}' is no number: {meaning}.");

    /// <summary>One of some names.</summary>
    /// <exception cref="UsageException">It is none of them.</exception>
    public static T Choice<T>(string argument)
        where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(name => name.Equals(argument, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw new UsageException($"'{argument}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
}
