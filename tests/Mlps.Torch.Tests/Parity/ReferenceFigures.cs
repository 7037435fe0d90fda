using System.Text.Json;
using Mlps.Torch.Tests.Devices;
using Mlps.Torch.Tests.Weights;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

/// <summary>A folder of figures of the published method: a manifest and little-endian, row-major tensors.</summary>
internal sealed class ReferenceFigures
{
    /// <summary>Where the manifest records no distance between the published method's own float32 and float64.</summary>
    private const double UsualTolerance = 1e-5;

    /// <summary>How much further than PyTorch's own rounding a float32 result may be.</summary>
    private const double RoundingFactor = 3;

    /// <summary>Rounding of some 50 layers in float32, whatever the processor: those without AVX-512 add in another order than the one that the figures were made on.</summary>
    private const double LeastTolerance = 3e-6;

    private static readonly Dictionary<string, ReferenceFigures> Opened = [];
    private readonly string _folder;
    private readonly JsonElement _manifest;

    private ReferenceFigures(string folder)
    {
        _folder = folder;
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        _manifest = manifest.RootElement.Clone();
    }

    /// <summary>Names of all tensors, in the manifest's order.</summary>
    public IEnumerable<string> Names => _manifest.GetProperty("tensors").EnumerateObject().Select(tensor => tensor.Name);

    /// <summary>The small selection that is kept with the tests.</summary>
    public static ReferenceFigures WithTests(string name) => Open(Fixture.Path(name));

    /// <summary>Everything, where <see cref="SharedData.Folder"/> exists.</summary>
    public static ReferenceFigures Shared(string name) => Open(SharedData.File("oracle", name));

    /// <summary>The recorded tensor.</summary>
    public Tensor Load(string name)
    {
        var bytes = Bytes(name);
        var shape = Shape(name);
        return Tensor(name).GetProperty("dtype").GetString() switch
        {
            "float32" => tensor(Floats(bytes), shape, device: TestDevice.Value),
            "uint8" => tensor(bytes, shape, device: TestDevice.Value),
            var other => throw new NotSupportedException($"'{name}' is {other}."),
        };
    }

    /// <summary>The recorded tensor's bytes, as they are in its file.</summary>
    public byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(_folder, Tensor(name).GetProperty("file").GetString()!));

    public long[] Shape(string name) => [.. Tensor(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];

    /// <summary>Relative L2 distance that float32 may have from the recorded float32.</summary>
    public double Tolerance(string name) =>
        Tensor(name).TryGetProperty("f32_vs_f64", out var distance) && distance.ValueKind is JsonValueKind.Object
            ? Math.Max(LeastTolerance, RoundingFactor * distance.GetProperty("rel_l2").GetDouble())
            : UsualTolerance;

    /// <summary>Flat indices of some elements and their values: of the run in double precision where <paramref name="property"/> says so.</summary>
    public (long[] Index, double[] Value) Samples(string name, string property = "sample_value_f64") => (
        [.. Tensor(name).GetProperty("sample_index").EnumerateArray().Select(index => index.GetInt64())],
        [.. Tensor(name).GetProperty(property).EnumerateArray().Select(value => value.GetDouble())]);

    public JsonElement Scalar(string name) => _manifest.GetProperty("scalars").GetProperty(name);

    private static ReferenceFigures Open(string folder)
    {
        lock (Opened)
        {
            return Opened.TryGetValue(folder, out var figures) ? figures : Opened[folder] = new ReferenceFigures(folder);
        }
    }

    private static float[] Floats(byte[] bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }

    private JsonElement Tensor(string name) => _manifest.GetProperty("tensors").GetProperty(name);
}
