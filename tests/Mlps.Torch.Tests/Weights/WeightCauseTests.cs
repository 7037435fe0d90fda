using System.IO.Compression;
using System.Text;
using Mlps.Testing;
using Mlps.Torch.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Files that cannot be loaded: the message says what they are, and what to do.</summary>
public sealed class WeightCauseTests
{
    public static TheoryData<string, byte[], string> OtherFiles => new()
    {
        { "HDF5", [0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[40]], "HDF5 file, as Keras" },
        { "ONNX", [0x08, 0x07, 0x12, 0x07, .. "pytorch"u8, .. new byte[40]], "ONNX model" },
        { "SavedModel", [0x08, 0x01, 0x12, 0x99, 0x01, .. new byte[40]], "TensorFlow SavedModel" },
        { "frozen graph", [0x0A, 0x20, 0x0A, 0x05, .. "input"u8, .. new byte[40]], "TensorFlow graph" },
        { "TFLite", [0x1C, 0, 0, 0, .. "TFL3"u8, .. new byte[40]], "TensorFlow Lite" },
        { "npy", [0x93, .. "NUMPY"u8, 1, 0, .. new byte[40]], "NumPy array (.npy)" },
        { "GGUF", [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[40]], "GGUF" },
        { "gzip", [0x1F, 0x8B, 8, 0, .. new byte[40]], "compressed with gzip" },
        { "zstd", [0x28, 0xB5, 0x2F, 0xFD, .. new byte[40]], "compressed with zstd" },
        { "tar", [.. Encoding.ASCII.GetBytes("weights.pth".PadRight(257, '\0')), .. "ustar"u8, .. new byte[300]], "tar archive" },
        { "PNG", [0x89, .. "PNG\r\n\x1a\n"u8, .. new byte[40]], "is an image" },
        { "page", Encoding.UTF8.GetBytes("\n<!DOCTYPE html><html>"), "web page" },
        { "page with mark", [0xEF, 0xBB, 0xBF, .. "<html>"u8], "web page" },
        { "LFS pointer", Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"), "git lfs pull" },
        { "text", Encoding.UTF8.GetBytes("Entry not found"), "'Entry not found'" },
        { "JSON", Encoding.UTF8.GetBytes("{\"error\":\"Repository not found\"}"), "Repository not found" },
        { "index of parts", Encoding.UTF8.GetBytes("{\n \"metadata\": {\"total_size\": 3},\n \"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}"), "several files" },
        { "TorchScript", TorchBytes.ZipOf([("net/data.pkl", [1]), ("net/code/__torch__.py", [1]), ("net/constants.pkl", [1])]), "TorchScript archive" },
        { "TorchScript, its code packed", TorchBytes.ZipOf([("net/data.pkl", [1]), ("net/code/__torch__.py", new byte[900])], CompressionLevel.Fastest), "torch.jit.load" },
        { "Keras 3", TorchBytes.ZipOf([("config.json", [1]), ("model.weights.h5", [1])]), "Keras model" },
        { "npz", TorchBytes.ZipOf([("a.npy", [1]), ("b.npy", [1])]), "NumPy arrays (.npz)" },
        { "zip around the file", TorchBytes.ZipOf([("download/weights.pth", new byte[900])], CompressionLevel.Fastest), "around 'download/weights.pth'" },
        { "packed anew", TorchBytes.ZipOf([("a/b/data.pkl", [1])]), "packed anew" },
        { "exported program", TorchBytes.ZipOf([("m/archive_format", [1]), ("m/models/model.json", [1])]), "torch.export" },
        { "plain pickle", new PickleWriter().Op('}').Text("w").Op(']').Op('s').Stop(), "torch.save did not write it" },
        { "nothing", [], "is empty" },
        { "random bytes", [0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "starts with the bytes DEADBEEF" },
    };

    public static TheoryData<string, string> Tensors => new()
    {
        { "_rebuild_qtensor", "quantised" },
        { "_rebuild_sparse_tensor", "sparse" },
        { "_rebuild_meta_tensor_no_storage", "'meta' device" },
        { "_rebuild_device_tensor_from_numpy", "tensor.cpu()" },
    };

    [Theory]
    [MemberData(nameof(OtherFiles))]
    public void Open_OtherKindOfFile_IsNamed(string kind, byte[] content, string expected)
    {
        var error = Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "other.file"));

        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), $"{kind}: {error.Message}");
        Assert.Contains("'other.file'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FloatStorage", new byte[] { 0, 0, 0xC0, 0x7F }, "2 NaN among its 2 values, the first at index 0")]
    [InlineData("FloatStorage", new byte[] { 0, 0, 0x80, 0x7F }, "2 infinite values")]
    [InlineData("FloatStorage", new byte[] { 0, 0, 0x80, 0xFF }, "2 infinite values")]
    [InlineData("HalfStorage", new byte[] { 0, 0x7E }, "2 NaN")]
    [InlineData("BFloat16Storage", new byte[] { 0xC0, 0x7F }, "2 NaN")]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x7F }, "2 NaN")]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 0xE0, 0x7F }, "2 values too large for Float32")]
    public void LoadWeights_ValuesThatAreNoNumbers_NamesTheTensorAndChangesNothing(string storage, byte[] element, string expected)
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, keep: name => name != "bn.running_var", extra: s => s.Key("bn.running_var").Tensor([2], 0, storage, element)));

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Contains("'bn.running_var'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.True(float.IsNaN(net.TheValue()), "Nothing may have been loaded.");
    }

    [Fact]
    public void LoadWeights_NotANumberInATensorThatIsNotLoaded_DoesNotMatter()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, name => "model." + name, s => s.Key("loss.weight").Tensor([2], float.NaN)));

        Assert.Equal(["loss.weight"], net.LoadWeights(file).PassedOver);
    }

    [Fact]
    public void LoadWeights_SeveralBadTensors_CountsThem()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(float.NaN));

        Assert.Contains("So do 5 more tensors", Assert.Throws<WeightFileException>(() => net.LoadWeights(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HalfStorage", new byte[] { 0, 0x42 })]
    [InlineData("BFloat16Storage", new byte[] { 0x40, 0x40 })]
    [InlineData("DoubleStorage", new byte[] { 0, 0, 0, 0, 0, 0, 8, 0x40 })]
    public void LoadWeights_OtherPrecision_IsConvertedAndReported(string storage, byte[] three)
    {
        using var net = new SpelledNet();
        var state = new PickledState().Put(p => p.OrderedDict().Op('('));
        foreach ((var name, var shape) in PickledState.Tensors)
        {
            state.Key(name).Tensor(shape, 0, storage, three);
        }

        using var file = Read(state.End());

        Assert.Contains("converted: ", net.LoadWeights(file).Describe(), StringComparison.Ordinal);
        Assert.Equal(3f, net.TheValue());
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public void LoadWeights_TensorOfAnotherKindInItsPlace_SaysWhichKind(string function, string expected)
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, name => "model." + name, keep: name => name != "conv.weight", extra: s =>
            s.Key("model.conv.weight").Put(p => p.Global("torch._utils", function).Op(')').Op('R'))));

        var error = Assert.Throws<WeightFileException>(() => net.LoadWeights(file));

        Assert.Contains("'model.conv.weight'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWeights_TensorOfAnotherKindBeside_DoesNotMatter()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().Begin().Key("queue").Put(p => p.Global("torch._utils", "_rebuild_sparse_tensor").Op(')').Op('R')).Key("model").State(3).End());

        Assert.True(net.LoadWeights(file).IsComplete);
    }

    [Fact]
    public void LoadWeights_NewElementType_IsNamed()
    {
        using var net = new SpelledNet();
        using var file = Read(new PickledState().State(3, keep: name => name != "conv.weight", extra: s => s.Key("conv.weight").Put(p => p
            .Global("torch._utils", "_rebuild_tensor_v3").Op('(').Storage("UntypedStorage", s.Storage(new byte[8]), 8).Integer(0).Tuple(6).Tuple(1).False().OrderedDict()
            .Global("torch", "float8_e4m3fn").Op('t').Op('R'))));

        Assert.Contains("element type torch.float8_e4m3fn", Assert.Throws<WeightFileException>(() => net.LoadWeights(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OnlyNumPyArrays_SaysSo()
    {
        var content = new PickledState().Begin().Key("w").Put(p => PickledObjects.All["NumPy array"].Write(p)).End().Zip();

        Assert.Contains("'w' is no tensor, but a numpy.ndarray", Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OnlyNamelessTensors_SaysSo()
    {
        var content = new PickledState().Put(p => p.Op(']').Op('(')).Tensor([2], 3).Tensor([2], 3).Put(p => p.Op('e')).Zip();

        Assert.Contains("2 tensors without names", Assert.Throws<WeightFileException>(() => WeightFile.Read(new MemoryStream(content), "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWeights_OnePartOfSeveral_SaysWhichPartItIs()
    {
        using var scope = NewDisposeScope();
        using var net = new SpelledNet();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, net.state_dict().Take(2).Select(item => (item.Key, item.Value)));
        stream.Position = 0;
        using var file = WeightFile.Read(stream, "model-00002-of-00003.safetensors");

        Assert.Contains("part 2 of 3", Assert.Throws<WeightMismatchException>(() => net.LoadWeights(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PathsThatAreNoFile_SayWhy()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("resnet.pth"), new PickledState().State(3).Zip());
        File.CreateSymbolicLink(folder.File("link.pth"), folder.File("gone.pth"));
        var root = Path.GetDirectoryName(folder.File("x"))!;

        Assert.Contains("is a folder", Assert.Throws<WeightFileException>(() => WeightFile.Open(root)).Message, StringComparison.Ordinal);
        Assert.Contains("'resnet.pth'", Assert.Throws<FileNotFoundException>(() => WeightFile.Open(folder.File("resnt.pth"))).Message, StringComparison.Ordinal);
        Assert.Contains("there is no folder", Assert.Throws<FileNotFoundException>(() => WeightFile.Open(folder.Combine("a", "b.pth"))).Message, StringComparison.Ordinal);
        Assert.Contains("a link to", Assert.Throws<FileNotFoundException>(() => WeightFile.Open(folder.File("link.pth"))).Message, StringComparison.Ordinal);
    }

    /// <summary>Opening a pipe waits for somebody who writes to it.</summary>
    [Fact]
    public async Task Open_PipeOrEmptyFile_IsRefusedAtOnce()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("empty.pth"), []);
        if (!OperatingSystem.IsWindows())
        {
            using var make = System.Diagnostics.Process.Start("mkfifo", folder.Combine("pipe.pth"));
            await make.WaitForExitAsync();
            File.CreateSymbolicLink(folder.Combine("link.pth"), "pipe.pth");
        }

        foreach (var path in Directory.GetFiles(folder.Path))
        {
            var opening = Task.Factory.StartNew(() => Record.Exception(() => WeightFile.Open(path)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var error = Assert.IsType<WeightFileException>(await opening.WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.Contains("a pipe, socket or device", error.Message, StringComparison.Ordinal);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void LoadWeights_ManySetsThatLackTheSame_DoesNotTakeQuadraticTime()
    {
        const int Count = 100_000;
        var header = new System.Text.StringBuilder("{");
        var length = 0;
        void Add(string name, params long[] shape)
        {
            var bytes = sizeof(float) * (int)shape.Aggregate(1L, (product, size) => product * size);
            header.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(length == 0 ? "" : ",")}\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{length},{length + bytes}]}}");
            length += bytes;
        }

        foreach (var (name, shape) in PickledState.Tensors.Where(tensor => tensor.Name != "fc8.weight"))
        {
            Add($"m.{name}", shape);
        }

        // The longer the file, the more names it may have.
        Add("padding", 12_000_000);
        for (var i = 0; i < Count; i++)
        {
            Add($"p{i}.fc8.weight", 4, 2, 1, 1);
        }

        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("many.safetensors"), SafetensorsBytes.Create(header.Append('}').ToString(), new byte[length]));
        using var net = new SpelledNet();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using (var file = WeightFile.Open(folder.File("many.safetensors")))
        {
            Record.Exception(() => net.LoadWeights(file));
        }

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Open_HomeFolderWrittenAsTilde_IsFound()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var name = $"mlps-{Guid.NewGuid():N}.pth";
        File.WriteAllBytes(Path.Combine(home, name), new PickledState().State(3).Zip());
        try
        {
            using var file = WeightFile.Open($"~/{name}");
            Assert.NotEmpty(file.Entries);
        }
        finally
        {
            File.Delete(Path.Combine(home, name));
        }
    }

    private static WeightFile Read(PickledState state) => WeightFile.Read(new MemoryStream(state.Zip()), "spelled.pth");
}
