using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>The rows that a table's reader has read.</summary>
internal sealed class ReadRows : IDisposable
{
    /// <summary>Learnt from; null while there are none.</summary>
    public PatchStore? Training { get; private set; }

    /// <summary>Held out; null while there are none.</summary>
    public PatchStore? HeldOut { get; private set; }

    /// <summary>The gates of the held-out patches; empty where they were not requested.</summary>
    public List<float[]> Gates { get; private set; } = [];

    /// <summary>Whether each row was held out, in their order.</summary>
    public List<bool> IsHeldOut { get; } = [];

    /// <summary>The shape of the patches; null while there are none.</summary>
    public PatchLayout? Layout => (Training ?? HeldOut)?.Layout;

    /// <summary>Adds a row.</summary>
    public void Add(ReadPatch patch, bool isHeldOut)
    {
        IsHeldOut.Add(isHeldOut);
        if (!isHeldOut)
        {
            (Training ??= new PatchStore(patch.Layout)).Add(patch.Bytes);
            return;
        }

        (HeldOut ??= new PatchStore(patch.Layout)).Add(patch.Bytes);
        if (patch.Gate is { } gate)
        {
            Gates.Add(gate);
        }
    }

    /// <summary>Every row in its order, with its place in its store.</summary>
    public IEnumerable<(bool IsHeldOut, int Index)> Rows()
    {
        int training = 0, heldOut = 0;
        foreach (var isHeldOut in IsHeldOut)
        {
            yield return (isHeldOut, isHeldOut ? heldOut++ : training++);
        }
    }

    /// <summary>Takes other rows' patches in the place of its own.</summary>
    public void Replace((PatchStore? Training, PatchStore? HeldOut, List<float[]> Gates) all)
    {
        Dispose();
        (Training, HeldOut, Gates) = all;
    }

    public void Dispose()
    {
        Training?.Dispose();
        HeldOut?.Dispose();
    }
}
