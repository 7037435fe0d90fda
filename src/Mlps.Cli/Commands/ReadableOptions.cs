using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Mlps.Cli.Commands;

/// <summary>Refuses values that are not of their option's type, in words of this program, before any rule for values reads them: reading such a value throws.</summary>
internal static class ReadableOptions
{
    /// <summary>Puts this check before all rules of a command, its options and its subcommands.</summary>
    public static void Require(Command command)
    {
        foreach (var option in command.Options)
        {
            PutBefore(option);
        }

        var rules = command.Validators.ToArray();
        command.Validators.Clear();
        command.Validators.Add(result =>
        {
            if (result.Children.OfType<OptionResult>().All(IsReadable))
            {
                Array.ForEach(rules, rule => rule(result));
            }
        });
        foreach (var subcommand in command.Subcommands)
        {
            Require(subcommand);
        }
    }

    private static void PutBefore(Option option)
    {
        var rules = option.Validators.ToArray();
        option.Validators.Clear();
        option.Validators.Add(result =>
        {
            if (Fault(result) is { } fault)
            {
                result.AddError(fault);
            }
            else if (IsReadable(result))
            {
                Array.ForEach(rules, rule => rule(result));
            }
        });
    }

    private static bool IsReadable(OptionResult result) => (result.Implicit || result.Tokens.Count >= result.Option.Arity.MinimumNumberOfValues) && Fault(result) is null;

    private static string? Fault(OptionResult result)
    {
        var type = result.Option.ValueType.GetElementType() ?? result.Option.ValueType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return result.Tokens.Select(token => Expected(type, token.Value) is { } expected ? $"{result.Option.Name} is '{token.Value}'; it must be {expected}." : null).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>What a text should have been; null where it is of the type, or where the type says nothing about it.</summary>
    private static string? Expected(Type type, string text) =>
        type == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : $"a whole number, at most {int.MaxValue}"
        // A comma would be read as one between thousands: 0,5 as 5.
        : type == typeof(double) ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? null : "a number, with a point as in 0.5"
        : type.IsEnum && !Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase) ? $"one of: {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}"
        : null;
}
