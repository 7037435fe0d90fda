using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.ML.Tests.Interop.Fakes;
using TorchSharp;

[assembly: LoadableClass(typeof(MeanColorTransformer), null, typeof(SignatureLoadModel), "Mean colour", MeanColorTransformer.LoaderSignature)]

namespace Mlps.ML.Tests.Interop.Fakes;

internal sealed record MeanColorOptions : ISavedOptions
{
    public int BatchSize { get; init; } = 4;

    public string Note { get; init; } = "";

    public void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
}

/// <summary>A stage without a network: the mean colour of an image times a scale that stands for weights, and a histogram of its red values.</summary>
internal sealed class MeanColorTransformer : TissueTransformer
{
    public const string LoaderSignature = "MlpsTestMeanColor";
    public const string Mean = "MeanColor";
    public const string Reds = "Reds";
    public const string Area = "Area";

    private static readonly IReadOnlyList<DataViewSchema.DetachedColumn> _outputs =
    [
        new(Mean, new VectorDataViewType(NumberDataViewType.Single, 3), ClassAnnotations.Create(["red", "green", "blue"], perSlot: true)),
        new(Reds, new VectorDataViewType(NumberDataViewType.Byte)),
        new(Area, NumberDataViewType.Int32),
    ];

    private readonly float[] _scale;

    public MeanColorTransformer(IHostEnvironment environment, MeanColorOptions options, float[] scale, TissueTransformer? owner = null) : base(environment, owner)
    {
        Options = options;
        _scale = scale;
    }

    public MeanColorOptions Options { get; }

    /// <summary>One entry per computation: the rows, and the requested outputs.</summary>
    public ConcurrentQueue<(int Rows, string Wanted)> Computed { get; } = new();

    /// <summary>Called in the middle of a computation.</summary>
    public Action<RowBatch>? Inside { get; set; }

    /// <summary>Called in the middle of saving.</summary>
    public Action? Saving { get; set; }

    /// <summary>The pixels of each batch, one image after the other, that were copied ahead of its computation.</summary>
    public ConcurrentQueue<torch.Tensor> Prepared { get; } = new();

    /// <summary>Whether it behaves as a stage on a GPU does.</summary>
    public bool IsOnDevice { get; init; }

    public int Disposals { get; private set; }

    internal override IReadOnlyList<InputColumn> Inputs { get; } = [InputColumn.Image("Image"), InputColumn.Vector<float>("Tint", size: 3, optional: true)];

    internal override int BatchSize => Options.BatchSize;

    internal override bool ComputesAhead => IsOnDevice;

    internal override ModelFormat Format => OwnFormat(version: 3);

    public static ModelFormat OwnFormat(int version) => new(typeof(MeanColorTransformer).Assembly, "TST MEAN", LoaderSignature, version, OldestReadable: 2);

    private static MeanColorTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        var reader = new ModelReader(env, ctx, OwnFormat(version: 3));
        return new MeanColorTransformer(env, reader.ReadJson<MeanColorOptions>("options.json"), reader.ReadStream("scale.bin", stream =>
        {
            var scale = new float[3];
            stream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(scale.AsSpan()));
            return scale;
        }));
    }

    internal override IReadOnlyList<DataViewSchema.DetachedColumn> GetOutputs(DataViewSchema inputSchema) => _outputs;

    internal override IEnumerable<string> GetInputsOf(string output) => output == Mean ? ["Image", "Tint"] : ["Image"];

    internal override torch.Tensor Prepare(RowBatch batch)
    {
        byte[] pixels = [.. Enumerable.Range(0, batch.Count).SelectMany(row => batch.Image("Image", row).Pixels.ToArray())];
        var prepared = torch.tensor(pixels);
        Prepared.Enqueue(prepared);
        return prepared;
    }

    internal override void Compute(RowBatch batch)
    {
        using var prepared = batch.TakePrepared<torch.Tensor>();
        var (copied, read) = (prepared?.data<byte>().ToArray(), 0);
        Computed.Enqueue((batch.Count, string.Join('+', _outputs.Where(output => batch.Wants(output.Name)).Select(output => output.Name))));
        Inside?.Invoke(batch);
        for (var row = 0; row < batch.Count; row++)
        {
            var image = batch.Image("Image", row);
            var pixels = copied is null ? image.Pixels : copied.AsSpan(read, image.Pixels.Length);
            read += image.Pixels.Length;
            var sums = new float[3];
            var reds = new byte[image.Width * image.Height];
            for (var pixel = 0; pixel < reds.Length; pixel++)
            {
                reds[pixel] = pixels[pixel * 4];
                for (var channel = 0; channel < 3; channel++)
                {
                    sums[channel] += pixels[(pixel * 4) + channel] * _scale[channel] / reds.Length;
                }
            }

            if (batch.Has("Tint"))
            {
                var tint = batch.Vector<float>("Tint", row);
                for (var channel = 0; channel < 3; channel++)
                {
                    sums[channel] += tint[channel];
                }
            }

            batch.SetVector(Mean, row, sums);
            batch.SetVector(Reds, row, reds);
            batch.Set(Area, row, reds.Length);
        }
    }

    internal override void SaveModel(ModelWriter writer)
    {
        writer.WriteJson("options.json", Options);
        writer.WriteStream("scale.bin", stream =>
        {
            Saving?.Invoke();
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_scale.AsSpan()));
        });
    }

    private protected override void Dispose(bool disposing)
    {
        Disposals++;
        base.Dispose(disposing);
    }
}
