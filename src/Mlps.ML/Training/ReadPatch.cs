using System.Buffers;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>A row of a table, as a patch store keeps it.</summary>
/// <param name="Layout">Its shape.</param>
/// <param name="Rented">From the shared pool; at least as long as the patch.</param>
/// <param name="Name">What messages call it; null where the table has no names.</param>
/// <param name="Source">Where it was cut from; empty where that was not requested.</param>
/// <param name="Gate">The gate's probabilities; null where they were not requested.</param>
internal sealed record ReadPatch(PatchLayout Layout, byte[] Rented, string? Name, string Source, float[]? Gate) : IDisposable
{
    /// <summary>Image, label and masks, one after the other.</summary>
    public ReadOnlySpan<byte> Bytes => Rented.AsSpan(0, Layout.PatchBytes);

    /// <summary>Gives the bytes back to the pool; once.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(Rented);
}
