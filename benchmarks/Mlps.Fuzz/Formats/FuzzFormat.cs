namespace Mlps.Fuzz.Formats;

/// <summary>What is damaged.</summary>
internal enum FuzzFormat
{
    /// <summary>Weight files of PyTorch, MXNet and ONNX, and safetensors.</summary>
    Weights,

    /// <summary>Model files, as <c>ml.TissueSegmentation.LoadModel</c> loads them.</summary>
    Model,

    /// <summary>Checkpoints of a training.</summary>
    Checkpoint,

    /// <summary>PNG, JPEG, WebP and TIFF, as image, as mask and as slide; slides by the managed readers.</summary>
    Image,

    /// <summary><c>dataset.json</c>.</summary>
    Dataset,

    /// <summary>GeoJSON of a slide's regions, as text, gzip and zip.</summary>
    Regions,

    /// <summary>The same files as slides, by OpenSlide where it is installed: C code, which this library does not make safe.</summary>
    OpenSlide,

    /// <summary>No format: cases that fail, end the process, never end and take memory, to prove that each is noticed.</summary>
    Harness,
}

/// <summary>Makes fuzzers.</summary>
internal static class FuzzFormats
{
    public static IReadOnlyList<FuzzFormat> Real { get; } = [.. Enum.GetValues<FuzzFormat>().Where(format => format is not (FuzzFormat.OpenSlide or FuzzFormat.Harness))];

    public static IFormatFuzzer Create(FuzzFormat format, int seed, IEnumerable<string> files) => format switch
    {
        FuzzFormat.Weights => new WeightFuzzer(seed, files),
        FuzzFormat.Model => new ModelFuzzer(seed),
        FuzzFormat.Checkpoint => new CheckpointFuzzer(seed),
        FuzzFormat.Image => new ImageFuzzer(seed),
        FuzzFormat.OpenSlide => new ImageFuzzer(seed, isByOpenSlide: true),
        FuzzFormat.Regions => new RegionFuzzer(seed),
        FuzzFormat.Dataset => new DatasetFuzzer(seed),
        _ => new HarnessFuzzer(),
    };

    /// <summary>The random numbers of a case.</summary>
    public static Random RandomOf(int seed, int number) => new(unchecked((seed * 1_000_003) + number));

    public static string PathOfFixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);
}
