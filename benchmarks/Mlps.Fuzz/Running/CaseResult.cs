using System.Globalization;
using System.Text.Json;

namespace Mlps.Fuzz.Running;

internal enum CaseOutcome
{
    Read,
    Refused,
    Failed,
    Crashed,
    Hung,
}

/// <summary>How a case ended, and what it took.</summary>
/// <param name="Number">The case.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Milliseconds">Time that it took.</param>
/// <param name="MemoryBytes">Memory of its process at most, beyond what the process had before.</param>
/// <param name="FileLength">Bytes of the damaged file.</param>
/// <param name="Message">Which file it was, and what went wrong.</param>
internal sealed record CaseResult(int Number, CaseOutcome Outcome, double Milliseconds, long MemoryBytes, long FileLength, string Message)
{
    /// <summary>What begins a line of the child's that is a result; libraries may print lines of their own.</summary>
    public const string Prefix = "#case ";

    public bool IsFault => Outcome is not (CaseOutcome.Read or CaseOutcome.Refused);

    public string ToLine() => Prefix + JsonSerializer.Serialize(this);

    public static CaseResult? FromLine(string line) => line.StartsWith(Prefix, StringComparison.Ordinal) ? JsonSerializer.Deserialize<CaseResult>(line[Prefix.Length..]) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"case {Number} {Outcome} after {Milliseconds:F0} ms, {MemoryBytes >> 20} MiB: {Message}");
}
