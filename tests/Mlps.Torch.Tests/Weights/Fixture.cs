using System.Globalization;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Small files with the published method's own weights in reduced networks, kept with the tests.</summary>
internal static class Fixture
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    /// <summary>Every state-dict name with its shape and element type, in order.</summary>
    public static IReadOnlyList<(string Name, long[] Shape, string Type)> Shapes(string network) =>
    [
        .. File.ReadLines(Path($"shapes_{network}.tsv")).Select(line => line.Split('\t')).Select(fields => (
            fields[0],
            fields[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(size => long.Parse(size, CultureInfo.InvariantCulture)).ToArray(),
            fields[2])),
    ];
}
