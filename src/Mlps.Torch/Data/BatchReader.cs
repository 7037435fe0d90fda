using System.Collections.Concurrent;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Data;

/// <summary>Reads batches from a store, with augmentation.</summary>
/// <remarks>A patch's variation depends on seed, epoch and patch alone, so that it does not matter in which batch it comes.</remarks>
internal sealed class BatchReader(PatchStore store, AugmentationOptions augmentation, long seed, Device device)
{
    private const int StainPurpose = 1;
    private const int BlurPurpose = 2;
    private const int ResamplingPurpose = 3;

    /// <summary>Batches whose tensors are made: large arrays are used again, as the collector lets gigabytes of them pile up before it looks.</summary>
    private readonly ConcurrentBag<HostBatch> _spare = [];

    /// <summary>Gathers and finishes a batch.</summary>
    public PatchBatch Read(ReadOnlySpan<int> indices, int epoch) => Finish(Gather(indices, epoch));

    /// <summary>Copies patches out of the store, turned and flipped.</summary>
    /// <remarks>Uses no tensors, so that it can run beside a training step without disturbing its threads.</remarks>
    public HostBatch Gather(ReadOnlySpan<int> indices, int epoch)
    {
        var layout = store.Layout;
        var count = indices.Length;
        if (!_spare.TryTake(out var batch) || batch.Count != count)
        {
            batch = new HostBatch(
                new byte[count * layout.ImageBytes], new byte[count * layout.ClassCount], new byte[count * layout.MaskCount * layout.PixelCount], new RandomStream[count]);
        }

        for (var n = 0; n < count; n++)
        {
            batch.Streams[n] = new RandomStream(seed, epoch, indices[n]);
            var transform = Draw(ref batch.Streams[n]);
            CopyPlanes(store.Image(indices[n]), batch.Images.AsSpan(n * layout.ImageBytes, layout.ImageBytes), transform);
            store.Label(indices[n]).CopyTo(batch.Labels.AsSpan(n * layout.ClassCount));
            for (var m = 0; m < layout.MaskCount; m++)
            {
                CopyPlanes(store.Mask(indices[n], m), batch.Masks.AsSpan(((n * layout.MaskCount) + m) * layout.PixelCount, layout.PixelCount), transform);
            }
        }

        return batch;
    }

    /// <summary>Makes tensors of a batch on the device and varies its colours and sharpness.</summary>
    public PatchBatch Finish(HostBatch batch)
    {
        var layout = store.Layout;
        using var scope = NewDisposeScope();
        using var reuse = new Returned(_spare, batch);
        var images = OnDevice(Bytes(batch.Images).view(batch.Count, 3, layout.Height, layout.Width)).ToUnitRange();
        var masks = OnDevice(Bytes(batch.Masks).view(batch.Count, layout.MaskCount, layout.Height, layout.Width));
        if (augmentation.Resamples)
        {
            (images, masks) = AffineResampling.Apply(images, masks, augmentation, [.. batch.Streams.Select(stream => stream.Branch(ResamplingPurpose))]);
        }

        var varied = Vary(images, batch.Streams);
        return new PatchBatch(
            varied.MoveToOuterDisposeScope(),
            OnDevice(Bytes(batch.Labels).view(batch.Count, layout.ClassCount)).to(ScalarType.Float32).MoveToOuterDisposeScope(),
            masks.to(ScalarType.Int64).MoveToOuterDisposeScope());
    }

    private GridTransform Draw(ref RandomStream random)
    {
        // Drawn always, so that switching one variation off does not change the others.
        bool rows = random.NextBool(), columns = random.NextBool(), turn = random.NextBool();
        var square = store.Layout.Height == store.Layout.Width;
        return new GridTransform(rows && augmentation.VerticalFlip, columns && augmentation.HorizontalFlip, turn && square && augmentation.QuarterTurns);
    }

    private void CopyPlanes(ReadOnlySpan<byte> source, Span<byte> target, GridTransform transform)
    {
        var (height, width, pixels) = (store.Layout.Height, store.Layout.Width, store.Layout.PixelCount);
        for (var start = 0; start < source.Length; start += pixels)
        {
            transform.Apply(source.Slice(start, pixels), target.Slice(start, pixels), height, width);
        }
    }

    private Tensor Vary(Tensor images, RandomStream[] streams)
    {
        if (augmentation.StainJitter > 0)
        {
            images = StainJitter.Apply(images, augmentation.StainJitter, [.. streams.Select(stream => stream.Branch(StainPurpose))]);
        }

        return augmentation.BlurProbability > 0 ? Blur(images, streams) : images;
    }

    private Tensor Blur(Tensor images, RandomStream[] streams)
    {
        double[] radii = [.. streams.Select(stream =>
        {
            var random = stream.Branch(BlurPurpose);
            var (draw, radius) = (random.NextDouble(), random.Next(0, augmentation.BlurRadius));
            return draw < augmentation.BlurProbability ? radius : 0;
        })];
        return GaussianBlur.ApplyEach(images, radii);
    }

    private Tensor OnDevice(Tensor host) => Upload.To(host, device);

    /// <summary>A tensor over the bytes themselves; TorchSharp's other factories copy them on the managed heap first.</summary>
    private static Tensor Bytes(byte[] bytes) => bytes.Length == 0 ? empty(0, ScalarType.Byte, CPU) : frombuffer(bytes, ScalarType.Byte);

    /// <summary>Gives a batch back when its tensors are made, which are copies in other types.</summary>
    private readonly struct Returned(ConcurrentBag<HostBatch> spare, HostBatch batch) : IDisposable
    {
        public void Dispose() => spare.Add(batch);
    }
}
