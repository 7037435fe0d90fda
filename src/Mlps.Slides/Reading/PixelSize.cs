using System.Globalization;

namespace Mlps.Slides;

/// <summary>Decides how large a slide's pixels are, and says what is wrong with what the file says.</summary>
internal static class PixelSize
{
    /// <summary>No scanner makes smaller or larger pixels, in micrometres.</summary>
    public const double Smallest = 0.05, Largest = 20;

    /// <summary>Sizes that differ by more are not rounding.</summary>
    private const double Tolerance = 0.05;

    private const string Remedy = "Give it with --slide-mpp X for all slides, or with --mpp-of FILE, a CSV file with the columns slide,mpp (in code: SlideOptions.MicronsPerPixel and MicronsPerPixelOf).";

    /// <summary>The size that counts: the options', else the file's own where it can be right.</summary>
    public static (double? MicronsPerPixel, IReadOnlyList<string> Warnings) Choose(string path, (double X, double Y)? file, SlideOptions options)
    {
        var warnings = new List<string>();
        var given = options.MicronsPerPixelOf?.Find(path) ?? options.MicronsPerPixel;
        double? own = null;
        if (file is var (x, y))
        {
            own = (x + y) / 2;
            if (!IsPossible(x) || !IsPossible(y))
            {
                own = null;
                warnings.Add($"The file says that a pixel is {Number(x)} x {Number(y)} µm. Scanners make pixels of {Number(Smallest)} to {Number(Largest)} µm, so it is not used.{(given is null ? " " + Remedy : string.Empty)}");
            }
            else if (Differ(x, y))
            {
                warnings.Add($"The file says that a pixel is {Number(x)} µm wide and {Number(y)} µm high. Pixels are taken as squares of {Number(given ?? own.Value)} µm.");
            }
        }

        if (given is { } size)
        {
            if (!IsPossible(size))
            {
                warnings.Add($"The given size of {Number(size)} µm a pixel is used, although scanners make pixels of {Number(Smallest)} to {Number(Largest)} µm.");
            }

            if (own is { } said && Differ(size, said))
            {
                warnings.Add($"The given size of {Number(size)} µm a pixel is used, although the file says {Number(said)} µm.");
            }
        }

        return (given ?? own, warnings);
    }

    /// <summary>The error of a slide whose size of pixels nothing says.</summary>
    public static SlideException Missing(string path, IReadOnlyDictionary<string, string> properties, IReadOnlyList<string> warnings)
    {
        var rule = warnings.FirstOrDefault(warning => warning.EndsWith(Remedy, StringComparison.Ordinal)) is { } absurd
            ? absurd[..^Remedy.Length].TrimEnd()
            : "The file does not say how many micrometres a pixel is.";
        var objective = properties.TryGetValue("openslide.objective-power", out var power) && double.TryParse(power, NumberStyles.Float, CultureInfo.InvariantCulture, out var times) && times > 0
            ? $" It names an objective of {power}x, which usually means about {Number(Math.Round(10 / times, 3))}."
            : string.Empty;
        return new SlideException(path, rule + objective, Remedy);
    }

    public static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static bool IsPossible(double size) => size is >= Smallest and <= Largest;

    private static bool Differ(double first, double second) => Math.Abs(first - second) > Tolerance * Math.Min(first, second);
}
