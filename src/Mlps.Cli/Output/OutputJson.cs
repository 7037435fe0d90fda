using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlps.Cli.Output;

/// <summary>How the program writes JSON.</summary>
internal static class OutputJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
