using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>A row of a table, as a patch store keeps it.</summary>
/// <param name="Layout">Its shape.</param>
/// <param name="Bytes">Image, label and masks, one after the other.</param>
/// <param name="Name">What messages call it.</param>
/// <param name="Source">Where it was cut from; empty where that was not asked for.</param>
/// <param name="Gate">The gate's probabilities; null where they were not asked for.</param>
internal sealed record ReadPatch(PatchLayout Layout, byte[] Bytes, string Name, string Source, float[]? Gate);
