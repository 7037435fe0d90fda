using System.Globalization;
using System.Text;
using Microsoft.ML;
using Mlps.Cli.Terminal;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>What <c>predict</c> leaves behind: <c>masks/</c>, <c>overlays/</c> and <c>areas.csv</c>.</summary>
internal static class Predictions
{
    /// <summary>The table of areas.</summary>
    public const string AreasName = "areas.csv";

    /// <summary>The folders, masks first.</summary>
    public static IReadOnlyList<string> Folders { get; } = ["masks", "overlays"];

    public static void Write(IDataView predicted, TissueClasses classes, string folder, CancellationToken stop)
    {
        string masks = Path.Combine(folder, "masks"), overlays = Path.Combine(folder, "overlays");
        Directory.CreateDirectory(masks);
        Directory.CreateDirectory(overlays);
        var areas = new StringBuilder(Header(classes));
        var names = new HashSet<string>(StringComparer.Ordinal);
        WorkDisplay.Run("Predicting", (int)(predicted.GetRowCount() ?? 0), step =>
        {
            foreach (var row in PatchRow.Read(predicted, withInsight: false))
            {
                stop.ThrowIfCancellationRequested();
                var name = Unique(row.Name, names);
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(masks, name))!);
                PalettePng.Write(Path.Combine(masks, name + ".png"), row.Prediction, row.Image.Width, row.Image.Height, classes.Palette);
                areas.Append(AreaLine(name, row, classes));
                var overlay = Path.Combine(overlays, name + ".png");
                Pictures.Try(overlay, () => OverlayPicture.Draw(row.Image, row.Prediction, classes, new OverlayOptions { Scale = 1 }).Save(overlay));
                step();
            }

            return true;
        });
        AtomicOutput.WriteText(Path.Combine(folder, "areas.csv"), areas.ToString());
        Say.Written(folder);
    }

    private static string Header(TissueClasses classes)
    {
        string[] names = [.. classes.Names, classes.Background?.Name ?? "background"];
        return string.Join(',', ["image", "width", "height", .. names.Select(name => Quoted(name + " pixels")), .. names.Select(name => Quoted(name + " share"))]) + "\n";
    }

    private static string AreaLine(string name, PatchRow row, TissueClasses classes)
    {
        var pixels = new long[classes.Count + 1];
        foreach (var index in row.Prediction)
        {
            pixels[index]++;
        }

        return string.Join(
            ',',
            [
                Quoted(name),
                row.Image.Width.ToString(CultureInfo.InvariantCulture),
                row.Image.Height.ToString(CultureInfo.InvariantCulture),
                .. pixels.Select(count => count.ToString(CultureInfo.InvariantCulture)),
                .. pixels.Select(count => (count / (double)row.Prediction.Length).ToString("f6", CultureInfo.InvariantCulture)),
            ]) + "\n";
    }

    /// <summary>Images of one name in different folders get a number behind it.</summary>
    private static string Unique(string name, HashSet<string> taken)
    {
        var candidate = name;
        for (var number = 2; !taken.Add(candidate); number++)
        {
            candidate = $"{name}-{number}";
        }

        return candidate;
    }

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
