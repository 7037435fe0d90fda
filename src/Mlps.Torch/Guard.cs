using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlps.Torch;

/// <summary>Checks of option values whose messages name the option, the value and the range.</summary>
internal static class Guard
{
    public static void InRange(
        double value, double lowest, double highest, bool lowestAllowed = true, bool highestAllowed = true, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(highestAllowed ? value <= highest : value < highest) || !(lowestAllowed ? value >= lowest : value > lowest))
        {
            var range = string.Create(CultureInfo.InvariantCulture, $"{(lowestAllowed ? '[' : '(')}{lowest}, {highest}{(highestAllowed ? ']' : ')')}");
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be in {range}.");
        }
    }

    public static void Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0) || double.IsInfinity(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number above 0.");
        }
    }

    public static void NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0) || double.IsInfinity(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number, 0 or above.");
        }
    }

    public static void AtLeast(int value, int lowest, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < lowest)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {lowest}.");
        }
    }

    /// <summary>Throws when the value has no name.</summary>
    public static void Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }
}
