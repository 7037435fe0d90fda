using System.Text;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>The areas of a slide's classes. All pixels of the mask are in <see cref="Classes"/>, <see cref="Background"/> or <see cref="NotLookedAt"/>.</summary>
internal sealed class SlideAreas
{
    /// <summary>The name of all tissue together.</summary>
    public const string TissueName = "all tissue";

    /// <summary>The name of what had no tissue to look at.</summary>
    public const string NotLookedAtName = "not looked at";

    private const int BandHeight = 64;
    private const int Values = 256;

    private static readonly string[] _columns = ["class", "pixels", "mm2", "share_of_tissue", "mean_probability"];

    private SlideAreas(SlideDescription slide, long[] pixels, long[] probability)
    {
        var classes = slide.Classes;
        var tissue = pixels.AsSpan(0, classes.Count).ToArray().Sum();
        Classes = [.. Enumerable.Range(0, classes.Count).Select(index => Area(classes[index].Name, index, Share(pixels[index], tissue)))];
        Background = classes.Background is { } background ? Area(background.Name, classes.BackgroundIndex, share: null) : null;
        NotLookedAt = Area(NotLookedAtName, MaskValue.NotLookedAt, share: null) with { MeanProbability = null };
        Tissue = new ClassArea(TissueName, tissue, slide.SquareMillimetres(tissue), Share(tissue, tissue), Mean(probability.AsSpan(0, classes.Count).ToArray().Sum(), tissue));

        ClassArea Area(string name, int value, double? share) => new(name, pixels[value], slide.SquareMillimetres(pixels[value]), share, Mean(probability[value], pixels[value]));
    }

    /// <summary>The tissues, in the order of their indices.</summary>
    public IReadOnlyList<ClassArea> Classes { get; }

    /// <summary>Background that the network found; null where the dataset has none.</summary>
    public ClassArea? Background { get; }

    /// <summary>The rest.</summary>
    public ClassArea NotLookedAt { get; }

    /// <summary>All tissues together: what shares are shares of.</summary>
    public ClassArea Tissue { get; }

    /// <summary>All rows of the table.</summary>
    public IEnumerable<ClassArea> All => [.. Classes, Tissue, .. Background is null ? Array.Empty<ClassArea>() : [Background], NotLookedAt];

    /// <summary>Counts a mask's pixels.</summary>
    /// <exception cref="InvalidDataException">A pixel is no class.</exception>
    public static SlideAreas Count(IMaskRows rows, SlideDescription slide, CancellationToken cancellation = default)
    {
        var pixels = new long[Values];
        var sums = new long[Values];
        MaskBands.ForEach(rows, BandHeight, withProbability: true, (y, _, classes, probability) => Add(classes, probability, pixels, sums), cancellation);
        var last = slide.Classes.Count - (slide.Classes.Background is null ? 1 : 0);
        var stray = Array.FindIndex(pixels, last + 1, count => count > 0);
        if (stray >= 0 && stray != MaskValue.NotLookedAt)
        {
            throw new InvalidDataException($"{pixels[stray]} pixels of the mask of '{slide.Name}' have the value {stray}; expected 0 to {last}, or {MaskValue.NotLookedAt} where there is no tissue.");
        }

        return new SlideAreas(slide, pixels, sums);
    }

    /// <summary>Writes the table of one slide.</summary>
    public void Write(string path)
    {
        var text = new StringBuilder(Csv.Line(_columns));
        foreach (var area in All)
        {
            text.Append(Csv.Line(Fields(area)));
        }

        AtomicFile.Write(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Writes one table of several slides, a row for each slide and class.</summary>
    public static void WriteAll(string path, IEnumerable<(string Slide, IEnumerable<ClassArea> Areas)> slides)
    {
        var text = new StringBuilder(Csv.Line(["slide", .. _columns]));
        foreach (var (slide, areas) in slides)
        {
            foreach (var area in areas)
            {
                text.Append(Csv.Line([slide, .. Fields(area)]));
            }
        }

        AtomicFile.Write(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Add(ReadOnlySpan<byte> classes, ReadOnlySpan<byte> probability, long[] pixels, long[] sums)
    {
        while (!classes.IsEmpty)
        {
            var value = classes[0];
            var run = classes.IndexOfAnyExcept(value);
            run = run < 0 ? classes.Length : run;
            pixels[value] += run;
            if (value != MaskValue.NotLookedAt)
            {
                sums[value] += Bytes.Sum(probability[..run]);
            }

            classes = classes[run..];
            probability = probability[run..];
        }
    }

    private static string[] Fields(ClassArea area) =>
        [area.Name, Csv.Number(area.Pixels), Csv.Number(area.SquareMillimetres), Csv.Number(area.ShareOfTissue), Csv.Number(area.MeanProbability)];

    private static double? Share(long part, long whole) => whole == 0 ? null : part / (double)whole;

    private static double? Mean(long sum, long count) => count == 0 ? null : sum / (double)byte.MaxValue / count;
}
