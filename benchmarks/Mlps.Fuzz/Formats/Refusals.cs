using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Formats;

/// <summary>What a refusal must be: one that names the file, in a message that fits a screen.</summary>
internal static class Refusals
{
    private const int LongestMessage = 5000;

    /// <summary>False, for refused, where the message is as it should be.</summary>
    public static bool Check(Exception refusal, string name, string description) =>
        !refusal.Message.Contains(name, StringComparison.Ordinal) ? throw new FuzzFailureException($"{description}: the message does not name '{name}'.", refusal)
        : refusal.Message.Length > LongestMessage ? throw new FuzzFailureException($"{description}: the message has {refusal.Message.Length} characters: {refusal.Message[..200]}", null)
        : false;
}
