using System.IO.Compression;
using System.Text;
using Mlps.Fuzz.Damage;
using Mlps.Slides;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Formats;

/// <summary>Regions of a slide as QuPath exports them: damaged as JSON and then packed, or damaged as packed bytes.</summary>
internal sealed class RegionFuzzer : IFormatFuzzer
{
    private const int Side = 600;

    private static readonly string[] _sound =
    [
        """{"type":"FeatureCollection","features":[{"type":"Feature","id":"3b1b","geometry":{"type":"Polygon","coordinates":[[[10,10],[500,10],[500,500],[10,500],[10,10]],[[20,20],[30,20],[30,30],[20,20]]]},"properties":{"objectType":"annotation","classification":{"name":"Tumor","color":[200,0,0]}}}]}""",
        """[{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[590,5],[300.5,580]]],[[[1,1],[2,1],[2,2]]]]},"properties":{"classification":{"names":["Tumor","Grade 1"]}}},{"type":"Point","coordinates":[5,5]}]""",
        """{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[-50,-50],[1e3,-50],[1e3,1e3],[-50,1e3]]]},{"type":"LineString","coordinates":[[0,0],[1,1]]}]}""",
    ];

    private readonly int _seed;
    private readonly TemporaryFolder _folder = new();
    private readonly Slide _slide = new StubSource(Side, Side).Open();

    public RegionFuzzer(int seed) => _seed = seed;

    private enum Packing
    {
        None,
        Gzip,
        Zip,
    }

    public void WarmUp()
    {
        foreach (var packing in Enum.GetValues<Packing>())
        {
            foreach (var sound in _sound)
            {
                if (!Read(Pack(Encoding.UTF8.GetBytes(sound), packing), sound))
                {
                    throw new InvalidOperationException($"The sound file is refused: {sound}");
                }
            }
        }
    }

    public FuzzCase Run(int number)
    {
        var random = FuzzFormats.RandomOf(_seed, number);
        var sound = Encoding.UTF8.GetBytes(_sound[number % _sound.Length]);
        var packing = (Packing)(number / _sound.Length % 3);
        var isDamagedPacked = packing is not Packing.None && random.Next(3) == 0;
        var content = isDamagedPacked ? Mutation.Apply(random, Pack(sound, packing), Pack(sound, packing)) : Pack(JsonDamage.Apply(random, sound), packing);
        var description = $"regions of {content.Length} bytes, {packing}, {(isDamagedPacked ? "bytes changed" : "text changed")}";
        return new(Read(content, description), content.Length, description);
    }

    public void Dispose()
    {
        _slide.Dispose();
        _folder.Dispose();
    }

    private bool Read(byte[] content, string description)
    {
        var path = _folder.Combine("regions.geojson");
        File.WriteAllBytes(path, content);
        try
        {
            var share = TissueMask.FromRegions(_slide, path).Share;
            return share is > 0 and <= 1 ? true : throw new FuzzFailureException($"{description}: a share of {share}.", null);
        }
        catch (SlideException exception)
        {
            return Refusals.Check(exception, path, description);
        }
        catch (Exception exception) when (exception is not FuzzFailureException)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} instead of {nameof(SlideException)}.", exception);
        }
    }

    private static byte[] Pack(byte[] text, Packing packing)
    {
        using var file = new MemoryStream();
        switch (packing)
        {
            case Packing.Gzip:
                using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                {
                    gzip.Write(text);
                }

                return file.ToArray();
            case Packing.Zip:
                using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
                {
                    using var entry = archive.CreateEntry("slide.geojson").Open();
                    entry.Write(text);
                }

                return file.ToArray();
            default:
                return text;
        }
    }
}
