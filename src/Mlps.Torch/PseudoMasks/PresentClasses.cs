using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

/// <summary>The classes that occur in each of some images of a batch, known on the host so that no backward pass has to be waited for.</summary>
/// <param name="images">The images' places in the batch.</param>
/// <param name="classes">The classes of each image, ascending.</param>
/// <param name="classCount">C.</param>
/// <param name="batch">Images of the whole batch.</param>
internal sealed class PresentClasses(int[] images, int[][] classes, int classCount, int batch)
{
    /// <summary>Backward passes: as many as the image with the most classes has.</summary>
    public int Passes { get; } = classes.Length == 0 ? 0 : classes.Max(present => present.Length);

    private bool IsWhole => images.Length == batch;

    /// <summary>Reads labels [N, C]; null for all classes.</summary>
    public static PresentClasses Read(Tensor? labels, long count, int classCount)
    {
        int[] images = [.. Enumerable.Range(0, (int)count)];
        if (labels is null)
        {
            int[] all = [.. Enumerable.Range(0, classCount)];
            return new(images, [.. images.Select(_ => all)], classCount, images.Length);
        }

        CheckShape(labels, count, classCount);
        using var scope = NewDisposeScope();
        var present = labels.to(ScalarType.Bool).cpu().contiguous().data<bool>().ToArray();
        return new(images, [.. images.Select(image => Enumerable.Range(0, classCount).Where(c => present[(image * classCount) + c]).ToArray())], classCount, images.Length);
    }

    /// <summary>Throws when labels are not [N, C].</summary>
    /// <exception cref="ArgumentException">They have another shape.</exception>
    public static void CheckShape(Tensor labels, long count, int classCount)
    {
        if (!labels.shape.SequenceEqual([count, classCount]))
        {
            throw new ArgumentException($"Labels have the shape [{string.Join(", ", labels.shape)}] where {count} images and {classCount} classes are given.", nameof(labels));
        }
    }

    /// <summary>The images in groups that have as many classes each: no backward pass is spent on an image that needs none.</summary>
    public PresentClasses[] ByCount()
    {
        var groups = Enumerable.Range(0, images.Length).GroupBy(n => classes[n].Length).OrderBy(group => group.Key).ToArray();
        return groups.Length <= 1 ? [this] : [.. groups.Select(group => new PresentClasses([.. group.Select(n => images[n])], [.. group.Select(n => classes[n])], classCount, batch))];
    }

    /// <summary>This group's rows of a tensor [N, …] of the whole batch.</summary>
    public Tensor TakeFrom(Tensor whole) => IsWhole ? whole : whole.index_select(0, Upload.Of(Array.ConvertAll(images, n => (long)n), [images.Length], whole.device));

    /// <summary>Rows of the groups in the order of the batch.</summary>
    public static Tensor InOrder(PresentClasses[] groups, Tensor[] rows)
    {
        if (groups is [{ IsWhole: true }])
        {
            return rows[0];
        }

        var places = new long[groups[0].Batch];
        foreach (var (row, image) in groups.SelectMany(group => group.Images).Index())
        {
            places[image] = row;
        }

        return cat(rows).index_select(0, Upload.Of(places, [places.Length], rows[0].device));
    }

    private int Batch => batch;

    private int[] Images => images;

    /// <summary>[N, C], true where the class occurs.</summary>
    public Tensor Mask(Device device)
    {
        var mask = new bool[images.Length * classCount];
        foreach (var (n, present) in classes.Index())
        {
            foreach (var c in present)
            {
                mask[(n * classCount) + c] = true;
            }
        }

        return Upload.Of(mask, [images.Length, classCount], device);
    }

    /// <summary>The class of each image in a pass, and whether it has one left; both [N, 1].</summary>
    public (Tensor Classes, Tensor Counted) OfPass(int pass, Device device)
    {
        long[] chosen = [.. classes.Select(present => pass < present.Length ? present[pass] : 0L)];
        bool[] counted = [.. classes.Select(present => pass < present.Length)];
        return (Upload.Of(chosen, [images.Length, 1], device), Upload.Of(counted, [images.Length, 1], device));
    }
}
