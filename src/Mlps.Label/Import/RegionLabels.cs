using Mlps.ML;
using Mlps.Slides;

namespace Mlps.Label;

/// <summary>Labels from regions that somebody drew in QuPath: a tissue occurs where its regions cover a share of the patch.</summary>
/// <param name="share">That share, above 0 and at most 1.</param>
/// <param name="slideOptions">How slides are opened, where the table of the patches does not say the size of their pixels.</param>
internal sealed class RegionLabels(double share, SlideOptions slideOptions)
{
    /// <summary>The part of a patch that must lie in regions: what is not drawn is not known.</summary>
    private const double LeastDrawn = 0.5;

    /// <summary>Points along a side of the patch at which regions are looked at.</summary>
    private const int Points = 64;

    private static readonly string[] _ends = [".geojson", ".geojson.gz", ".json", ".zip"];

    /// <summary>The answers for all patches of the slides that have regions.</summary>
    /// <param name="regions">A GeoJSON file, which is of the only slide of the patches; or a folder with one for each slide, named as its patches begin or as the slide's file.</param>
    /// <param name="patches">The patches, of a folder with the table that mlps patches writes.</param>
    /// <param name="classes">The tissues; regions of other classes do not count.</param>
    /// <param name="stop">Stops between two slides.</param>
    /// <exception cref="TissueDataException">It is not known where the patches were cut, or no regions are of their slides, or a file's name is that of two slides.</exception>
    /// <exception cref="SlideException">A file of regions or a slide cannot be read.</exception>
    public IReadOnlyList<Answer> Read(string regions, PatchList patches, TissueClasses classes, CancellationToken stop)
    {
        var places = PatchPlace.ReadAll(patches.Folder);
        var placed = patches.Patches.Where(patch => places.ContainsKey(patch.Key)).GroupBy(patch => places[patch.Key].Slide, StringComparer.Ordinal).ToArray();
        if (placed.Length == 0)
        {
            throw new TissueDataException(Path.Combine(patches.Folder, PatchPlace.TableName), "It is not known where the patches were cut.", "Cut them with mlps patches, which writes this table.");
        }

        if (!Directory.Exists(regions) && placed.Length > 1)
        {
            throw new TissueDataException(regions, $"The patches come from {placed.Length} slides, and one file has the regions of one.", "Give a folder with a file for each slide, named after it.");
        }

        var names = places.GroupBy(place => place.Value.Slide, StringComparer.Ordinal).ToDictionary(slide => slide.Key, slide => NameOf(slide.First().Key, slide.First().Value), StringComparer.Ordinal);
        var answers = new List<Answer>();
        foreach (var slide in placed)
        {
            stop.ThrowIfCancellationRequested();
            var file = Directory.Exists(regions) ? FileOf(regions, slide.Key, names) : regions;
            if (file is not null)
            {
                Add(answers, file, slide.Key, [.. slide.Select(patch => (patch.Key, places[patch.Key]))], classes);
            }
        }

        return answers.Count > 0 ? answers : throw new TissueDataException(
            regions, $"Its regions of the tissues {classes} cover half of none of the patches.", "Give the classes in QuPath the names of the tissues, and draw around whole patches; in a folder, name files after their slides.");
    }

    /// <summary>What the names of a slide's patches begin with, which differs between slides of one file name; null where the patch was named otherwise.</summary>
    private static string? NameOf(string key, PatchPlace place)
    {
        var (stem, end) = (Path.GetFileNameWithoutExtension(key), SlideTiles.NameOf(string.Empty, place.X, place.Y));
        return stem.EndsWith(end, StringComparison.Ordinal) ? stem[..^end.Length] : null;
    }

    /// <summary>The file named as the slide's patches begin; or as the slide's file, where no other slide's file has that name; null where there is none.</summary>
    /// <exception cref="TissueDataException">Another slide's file has that name.</exception>
    private static string? FileOf(string folder, string slide, Dictionary<string, string?> names)
    {
        var name = names[slide];
        if (name is not null && Existing(name) is { } own)
        {
            return own;
        }

        var stem = Path.GetFileNameWithoutExtension(slide);
        string[] others = [.. names.Keys.Where(other => other != slide && Path.GetFileNameWithoutExtension(other).Equals(stem, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

        // Where the patches of another slide begin with this very name, the file is its own.
        return Existing(stem) is not { } file || Array.Exists(others, other => stem.Equals(names[other], StringComparison.OrdinalIgnoreCase)) ? null
            : others is not [var other, ..] ? file
            : throw new TissueDataException(file, $"It may be of {slide} or of {other}, whose files have the same name.", $"Name it as the patches of its slide begin{(name is null ? string.Empty : $", such as {name}{Path.GetFileName(file)[stem.Length..]}")}.");

        string? Existing(string wanted) => _ends.Select(end => Path.Combine(folder, wanted + end)).FirstOrDefault(File.Exists);
    }

    private void Add(List<Answer> answers, string file, string slidePath, (string Key, PatchPlace Place)[] patches, TissueClasses classes)
    {
        var regions = classes.Names.Select(name => RegionFile.Read(file, [name]).Regions).ToArray();
        using var slide = Array.TrueForAll(patches, patch => patch.Place.SlideMicronsPerPixel is not null) ? null : Slide.Open(slidePath, slideOptions);
        foreach (var (key, place) in patches)
        {
            var side = place.SideIn(slide);
            var inside = regions.Select(tissue => Covered(tissue, place.X, place.Y, side)).ToArray();
            var drawn = Enumerable.Range(0, Points * Points).Count(point => Array.Exists(inside, tissue => tissue[point]));
            if (drawn >= LeastDrawn * Points * Points)
            {
                var tissues = inside.Index().Where(tissue => tissue.Item.Count(point => point) >= share * Points * Points).Aggregate(0u, (bits, tissue) => bits | (1u << tissue.Index));
                answers.Add(new Answer(key, tissues, DateTimeOffset.UtcNow));
            }
        }
    }

    /// <summary>Which of a patch's points are within a tissue's regions.</summary>
    private static bool[] Covered(IReadOnlyList<Region> regions, double left, double top, double side)
    {
        var covered = new bool[Points * Points];
        foreach (var region in regions.Where(region => Meets(region, left, top, side)))
        {
            for (var row = 0; row < Points; row++)
            {
                var y = top + ((row + 0.5) * side / Points);
                var crossings = region.Rings.SelectMany(ring => Crossings(ring, y)).Order().ToArray();
                for (var column = 0; column < Points; column++)
                {
                    var x = left + ((column + 0.5) * side / Points);
                    covered[(row * Points) + column] |= crossings.Count(crossing => crossing <= x) % 2 == 1;
                }
            }
        }

        return covered;
    }

    private static bool Meets(Region region, double left, double top, double side) => region.Rings.Any(ring =>
        ring.Count > 0 && ring.Min(place => place.X) < left + side && ring.Max(place => place.X) > left && ring.Min(place => place.Y) < top + side && ring.Max(place => place.Y) > top);

    /// <summary>Where a ring crosses a line of equal y.</summary>
    private static IEnumerable<double> Crossings(IReadOnlyList<(double X, double Y)> ring, double y)
    {
        for (var i = 0; i < ring.Count; i++)
        {
            var (from, to) = (ring[i], ring[(i + 1) % ring.Count]);
            if ((from.Y <= y) != (to.Y <= y))
            {
                yield return from.X + ((y - from.Y) / (to.Y - from.Y) * (to.X - from.X));
            }
        }
    }
}
