using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Interop;
using Mlps.ML.LoadProbe;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Models through <c>ml.Model.Save</c> and <c>ml.Model.Load</c>, here and in a process that has never heard of the transformers.</summary>
public sealed class SaveAndLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new();

    private string ModelPath => _folder.Combine("model.zip");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ChainInThisProcess_PredictsTheSame()
    {
        (var model, var table) = SaveChain();

        var loaded = _ml.Model.Load(ModelPath, out var schema);

        // ML.NET cannot write the type of image columns, so they are not in the schema that it gives back.
        Assert.Equal(table.Schema.Select(column => column.Name).Except(["Image"]), schema.Select(column => column.Name));
        Assert.Equal(model.Transform(table).ReadVectors(BrightnessTransformer.Column), loaded.Transform(table).ReadVectors(BrightnessTransformer.Column));
        var first = (MeanColorTransformer)((IEnumerable<ITransformer>)loaded).First();
        Assert.Equal(new MeanColorOptions { BatchSize = 3, Note = "tissue {0} ä" }, first.Options);
    }

    [Fact]
    public async Task Load_ChainInAFreshProcess_PredictsTheSameWithNothingRegistered()
    {
        (var model, _) = SaveChain();
        var table = new CountingTable(rows: 5, size: _ => (9, 7));

        var outcome = await LoadProbeProcess.RunAsync(ModelPath, 5, 9, 7, MeanColorTransformer.Mean, BrightnessTransformer.Column, MeanColorTransformer.Reds);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("loaded before: False", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("loaded after: True", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(model.Transform(table).ReadVectors(MeanColorTransformer.Mean), outcome.Column(MeanColorTransformer.Mean));
        Assert.Equal(model.Transform(table).ReadVectors(BrightnessTransformer.Column), outcome.Column(BrightnessTransformer.Column));
        using var image = TestImages.Create(4, 9, 7);
        Assert.Equal(Enumerable.Range(0, 63).Select(pixel => (float)image.Pixels[pixel * 4]), outcome.Column(MeanColorTransformer.Reds)[4]);
    }

    [Fact]
    public void Load_SavedToAStreamByItself_Works()
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(CreateStage(), null, stream);
        stream.Position = 0;

        var loaded = _ml.Model.Load(stream, out _);

        Assert.Single(loaded.Transform(new CountingTable(rows: 1)).ReadVectors(MeanColorTransformer.Mean));
    }

    [Fact]
    public void Load_WeightsDamaged_NamesTheStageAndThePart()
    {
        SaveChain();
        ReplaceEntry("scale.bin", bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);

        var cause = FailToLoad();

        Assert.IsType<FormatException>(cause);
        Assert.Contains(MeanColorTransformer.LoaderSignature, cause.Message, StringComparison.Ordinal);
        Assert.Contains("checksum of 'scale.bin'", cause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WeightsCutShort_SaysHowManyBytesAreMissing()
    {
        SaveChain();
        ReplaceEntry("scale.bin", bytes => bytes[..^4]);

        Assert.Contains("'scale.bin' has 8 bytes where 12 were written", FailToLoad().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PartMissing_NamesIt()
    {
        SaveChain();
        ReplaceEntry("options.json", _ => null);

        Assert.Contains("'options.json' is missing", FailToLoad().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4u, "written in layout 4, which is newer than the layout 3")]
    [InlineData(1u, "written in layout 1; this release reads 2 to 3")]
    public void Load_OtherLayout_SaysWhichAndWhatToDo(uint version, string expected)
    {
        SaveChain();
        SetHeader("TST MEAN", header =>
        {
            BitConverter.TryWriteBytes(header.AsSpan(VersionWrittenOffset), version);
            BitConverter.TryWriteBytes(header.AsSpan(VersionReadableOffset), version);
        });

        var cause = FailToLoad();

        Assert.IsType<FormatException>(cause);
        Assert.Contains(expected, cause.Message, StringComparison.Ordinal);
        Assert.Contains("Mlps.ML.Tests", cause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ListOfPartsCutShort_SaysThatTheModelIsDamaged()
    {
        SaveChain();
        SetHeader("TST MEAN", header => BitConverter.TryWriteBytes(header.AsSpan(ModelHeaderSize), 900));

        Assert.Contains("The model is damaged", FailToLoad().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ByANewerReader_StillReadsTheOldLayout()
    {
        (var model, var table) = SaveChain();
        SetHeader("TST MEAN", header =>
        {
            BitConverter.TryWriteBytes(header.AsSpan(VersionWrittenOffset), 2u);
            BitConverter.TryWriteBytes(header.AsSpan(VersionReadableOffset), 2u);
        });

        var loaded = _ml.Model.Load(ModelPath, out _);

        Assert.Equal(model.Transform(table).ReadVectors(BrightnessTransformer.Column), loaded.Transform(table).ReadVectors(BrightnessTransformer.Column));
    }

    [Fact]
    public void Save_Disposed_Throws()
    {
        var stage = CreateStage();
        stage.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _ml.Model.Save(stage, null, _folder.Combine("disposed.zip")));
    }

    [Fact]
    public void WriteStream_SameNameTwice_IsRefused()
    {
        var stage = new TwiceTheSame(_ml);

        var exception = Assert.Throws<ArgumentException>(() => _ml.Model.Save(stage, null, ModelPath));

        Assert.Contains("already has a part 'Weights.bin'", exception.Message, StringComparison.Ordinal);
    }

    private const int ModelHeaderSize = 0x100;
    private const int SignatureOffset = 0x40;
    private const int VersionWrittenOffset = 0x48;
    private const int VersionReadableOffset = 0x4C;

    private MeanColorTransformer CreateStage() => new(_ml, new MeanColorOptions { BatchSize = 3, Note = "tissue {0} ä" }, [1f, 0.5f, 2f]);

    private (ITransformer Model, CountingTable Table) SaveChain()
    {
        var table = new CountingTable(rows: 5);
        var model = new TransformerChain<ITransformer>(CreateStage(), new BrightnessTransformer(_ml));
        _ml.Model.Save(model, table.Schema, ModelPath);
        return (model, table);
    }

    private Exception FailToLoad() => Assert.ThrowsAny<Exception>(() => _ml.Model.Load(ModelPath, out _)).GetBaseException();

    private void ReplaceEntry(string name, Func<byte[], byte[]?> change, Func<byte[], bool>? which = null)
    {
        using var archive = ZipFile.Open(ModelPath, ZipArchiveMode.Update);
        foreach (var entry in archive.Entries.Where(entry => entry.Name == name).ToArray())
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open())
            {
                stream.CopyTo(content);
            }

            if (which is not null && !which(content.ToArray()))
            {
                continue;
            }

            var changed = change(content.ToArray());
            var path = entry.FullName;
            entry.Delete();
            if (changed is not null)
            {
                using var stream = archive.CreateEntry(path).Open();
                stream.Write(changed);
            }

            return;
        }

        Assert.Fail($"The model has no entry {name}.");
    }

    private void SetHeader(string signature, Action<byte[]> change) => ReplaceEntry(
        "Model.key",
        bytes =>
        {
            change(bytes);
            return bytes;
        },
        bytes => Encoding.Latin1.GetString(bytes, SignatureOffset, 8) == signature.Replace(' ', '\0'));

    private sealed class TwiceTheSame(MLContext context) : TissueTransformer(context)
    {
        internal override IReadOnlyList<InputColumn> Inputs => [];

        internal override ModelFormat Format => MeanColorTransformer.OwnFormat(version: 3);

        internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) => [];

        internal override IEnumerable<string> GetInputsOf(string output) => [];

        internal override void Compute(RowBatch batch)
        {
        }

        internal override void SaveModel(ModelWriter writer)
        {
            writer.WriteStream("weights.bin", stream => stream.WriteByte(1));
            writer.WriteStream("Weights.bin", stream => stream.WriteByte(1));
        }
    }
}
