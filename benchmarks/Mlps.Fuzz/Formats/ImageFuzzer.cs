using BitMiracle.LibTiff.Classic;
using Microsoft.ML.Data;
using Mlps.Fuzz.Damage;
using Mlps.ML;
using Mlps.ML.Tests.Data;
using Mlps.Slides;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Mlps.Torch.Tests.Weights.Fuzzing;
using SkiaSharp;

namespace Mlps.Fuzz.Formats;

/// <summary>Images of every format, damaged as bytes or in structures whose lengths and sums are repaired; each is read as image, as mask and as slide.</summary>
/// <remarks>A PNG whose sums were not repaired has the pixels of the sound one, or is refused. Other formats have no sums.</remarks>
internal sealed class ImageFuzzer : IFormatFuzzer
{
    private const int Width = 45;
    private const int Height = 37;
    private const int Region = 16;
    private const long LargestThumbnailed = 1L << 24;

    private static readonly TissueClasses _classes = new([new("a", new(255, 0, 0)), new("b", new(0, 255, 0)), new("c", new(0, 0, 255))], new("background", TissueColor.White));

    private readonly int _seed;
    private readonly bool _isByOpenSlide;
    private readonly TemporaryFolder _folder = new();
    private readonly Seed[] _seeds;

    public ImageFuzzer(int seed, bool isByOpenSlide = false)
    {
        (_seed, _isByOpenSlide) = (seed, isByOpenSlide);
        _seeds = isByOpenSlide ? [.. Tiffs()] : [.. Pngs(), .. Encoded(), .. Tiffs()];
    }

    private enum Kind
    {
        Png,
        Jpeg,
        Other,
        Tiff,
    }

    private string FilePath => _folder.Combine("damaged.image");

    public void WarmUp()
    {
        foreach (var seed in _seeds)
        {
            var read = Read(seed.Content, seed.Name);
            (seed.Pixels, seed.Indices) = (read.Pixels, read.Indices);
            if (seed.Kind is Kind.Tiff ? !read.IsSlide : read.Pixels is null)
            {
                throw new InvalidOperationException($"The sound file '{seed.Name}' is refused.");
            }
        }
    }

    public FuzzCase Run(int number)
    {
        var random = FuzzFormats.RandomOf(_seed, number);
        var seed = _seeds[number % _seeds.Length];
        Seed[] alike = [.. _seeds.Where(other => other.Kind == seed.Kind)];
        var other = alike[random.Next(alike.Length)].Content;
        var areSumsRepaired = random.Next(2) == 0;
        var content = !areSumsRepaired ? Mutation.Apply(random, seed.Content, other) : seed.Kind switch
        {
            Kind.Png => PngDamage.Apply(random, seed.Content, other),
            Kind.Jpeg => JpegDamage.Apply(random, seed.Content),
            Kind.Tiff => TiffDamage.Apply(random, seed.Content),
            _ => Mutation.Apply(random, seed.Content, other),
        };
        var description = $"'{seed.Name}' of {content.Length} bytes, {(areSumsRepaired ? "structure changed" : "bytes changed")}";
        var read = Read(content, description);
        if (seed.Kind is Kind.Png && !areSumsRepaired)
        {
            RequireSame(seed.Pixels, read.Pixels, description);
            RequireSame(seed.Indices, read.Indices, description);
        }

        return new(read.Pixels is not null || read.Indices is not null || read.IsSlide, content.Length, description);
    }

    public void Dispose() => _folder.Dispose();

    private static void RequireSame(byte[]? sound, byte[]? damaged, string description)
    {
        if (damaged is not null && !damaged.AsSpan().SequenceEqual(sound))
        {
            throw new FuzzFailureException($"{description}: it is read, and its pixels are others.", null);
        }
    }

    private (byte[]? Pixels, byte[]? Indices, bool IsSlide) Read(byte[] content, string description)
    {
        File.WriteAllBytes(FilePath, content);
        byte[]? pixels = null, indices = null;
        SlideBackend? backend = _isByOpenSlide ? null : FileSignatures.Read(FilePath) is FileSignature.Tiff ? SlideBackend.Tiff : SlideBackend.Image;
        Attempt<TissueDataException>(FilePath, $"{description}, as image", () =>
        {
            using var image = TissueImage.FromBytes(content, FilePath);
            pixels = image.Pixels.ToArray();
        });
        Attempt<TissueDataException>(FilePath, $"{description}, as palette", () => PalettePng.Read(FilePath));
        Attempt<TissueDataException>(FilePath, $"{description}, as mask", () => indices = PalettePng.ReadMask(FilePath, _classes).Indices.ToArray());
        Attempt<TissueDataException>(FilePath, $"{description}, as mask of its size", () => PalettePng.ReadMask(FilePath, _classes, Width, Height, new byte[Width * Height]));
        var isSlide = Attempt<SlideException>(FilePath, $"{description}, as slide", () =>
        {
            using var slide = Slide.Open(FilePath, new() { Backend = backend });
            if ((long)slide.Width * slide.Height <= LargestThumbnailed)
            {
                // Of larger ones, every pixel that the file says it has would be read, however few bytes there are.
                slide.ReadThumbnail(Region);
            }

            slide.ReadRegion(slide.Width / 2, slide.Height / 2, Region, Region);
        });
        return (pixels, indices, isSlide);
    }

    private static bool Attempt<T>(string path, string description, Action work)
        where T : Exception
    {
        try
        {
            work();
            return true;
        }
        catch (T exception)
        {
            return Refusals.Check(exception, path, description);
        }
        catch (Exception exception)
        {
            throw new FuzzFailureException($"{description}: {exception.GetType().Name} instead of {typeof(T).Name}.", exception);
        }
    }

    private static IEnumerable<Seed> Pngs()
    {
        byte[] Samples(int channels, int count) => [.. Enumerable.Range(0, Width * Height * channels).Select(i => (byte)(i * 7 % count))];
        var palette = new PngBuilder { Width = Width, Height = Height, Samples = Samples(1, 4) };
        yield return new(Kind.Png, "palette PNG", palette.Build());
        yield return new(Kind.Png, "interlaced palette PNG of 2 bits", (palette with { BitDepth = 2, Interlaced = true, DataChunks = 3 }).Build());
        yield return new(Kind.Png, "grey PNG", (palette with { ColorType = 0, Palette = [] }).Build());
        yield return new(Kind.Png, "colour PNG", (palette with { ColorType = 2, Palette = [], Samples = Samples(3, 256), Extra = PngBuilder.Chunk("tEXt", [.. "Comment\0text"u8]) }).Build());
        yield return new(Kind.Png, "interlaced colour PNG with alpha", (palette with { ColorType = 6, Palette = [], Samples = Samples(4, 256), Interlaced = true }).Build());
        yield return new(Kind.Png, "PNG of class colours", (palette with { ColorType = 2, Palette = [], Samples = [.. Enumerable.Repeat((byte[])[255, 0, 0, 0, 0, 255], Width * Height).SelectMany(pair => pair).Take(Width * Height * 3)], Filter = 4 }).Build());
    }

    private static IEnumerable<Seed> Encoded()
    {
        using var picture = new SKBitmap(Width, Height);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (red, green, blue) = StubSource.Pattern(x, y);
                picture.SetPixel(x, y, new SKColor(red, green, blue));
            }
        }

        foreach (var (format, quality, kind) in ((SKEncodedImageFormat, int, Kind)[])[(SKEncodedImageFormat.Jpeg, 90, Kind.Jpeg), (SKEncodedImageFormat.Jpeg, 40, Kind.Jpeg), (SKEncodedImageFormat.Webp, 80, Kind.Other), (SKEncodedImageFormat.Webp, 100, Kind.Other)])
        {
            using var data = picture.Encode(format, quality);
            yield return new(kind, $"{format} of quality {quality}", data.ToArray());
        }
    }

    private IEnumerable<Seed> Tiffs()
    {
        var small = new TestTiff { Width = 90, Height = 70, Tile = 32 };
        (string Name, TestTiff Tiff)[] kinds =
        [
            ("tiled LZW TIFF of two levels", small with { Levels = 2, Description = "Aperio |MPP = 0.5", Resolution = (20000, ResUnit.CENTIMETER) }),
            ("TIFF in strips", small with { Tile = 0, Compression = Compression.NONE }),
            ("deflated TIFF with alpha", small with { Compression = Compression.ADOBE_DEFLATE, Samples = 4 }),
            ("JPEG TIFF", small with { Compression = Compression.JPEG, Photometric = Photometric.YCBCR, Levels = 2 }),
            ("PackBits TIFF of 16 bits", small with { Compression = Compression.PACKBITS, Bits = 16, Tile = 0 }),
            ("TIFF of planes", small with { ArePlanesApart = true }),
            ("BigTIFF", small with { IsBig = true }),
            ("TIFF with inner levels", small with { Levels = 3, AreLevelsInner = true, Compression = Compression.DEFLATE }),
        ];
        return kinds.Select(kind => new Seed(Kind.Tiff, kind.Name, File.ReadAllBytes(kind.Tiff.Write(_folder.Combine("sound.tif")))));
    }

    private sealed class Seed(Kind kind, string name, byte[] content)
    {
        public Kind Kind { get; } = kind;

        public string Name { get; } = name;

        public byte[] Content { get; } = content;

        public byte[]? Pixels { get; set; }

        public byte[]? Indices { get; set; }
    }
}
