using System.Globalization;

namespace Mlps.Benchmarks.Scale;

/// <summary>A training table of one size.</summary>
/// <param name="Patches">How many.</param>
/// <param name="ListSeconds">Finding the files, reading labels, sizes and slides, and the report.</param>
/// <param name="AgainSeconds">The report once more.</param>
/// <param name="ShuffleSeconds">All rows in random order, with name, slide and label.</param>
/// <param name="ReadSeconds">Reading every image whole, to find those that are damaged.</param>
/// <param name="StartMiB">Memory of the process before.</param>
/// <param name="ListMiB">The most memory until the listing's end.</param>
/// <param name="PeakMiB">The most memory until the end.</param>
/// <param name="KeptMiB">The managed heap that the listing keeps.</param>
internal sealed record PatchesPoint(int Patches, double ListSeconds, double AgainSeconds, double ShuffleSeconds, double ReadSeconds, long StartMiB, long ListMiB, long PeakMiB, double KeptMiB)
{
    public static string Header => $"{"patches",9} {"list",9} {"again",9} {"shuffle",9} {"read all",9} {"start",9} {"listed",9} {"peak",9} {"kept",9}";

    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Patches};{ListSeconds};{AgainSeconds};{ShuffleSeconds};{ReadSeconds};{StartMiB};{ListMiB};{PeakMiB};{KeptMiB}");

    public static PatchesPoint Parse(string line)
    {
        double[] values = [.. line.Trim().Split(';').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        return new PatchesPoint((int)values[0], values[1], values[2], values[3], values[4], (long)values[5], (long)values[6], (long)values[7], values[8]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Patches,9} {ListSeconds,7:f2} s {AgainSeconds,7:f2} s {ShuffleSeconds,7:f2} s {ReadSeconds,7:f1} s {StartMiB,5} MiB {ListMiB,5} MiB {PeakMiB,5} MiB {KeptMiB,5:f1} MiB");
}
