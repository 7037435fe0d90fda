using System.Text.Json.Nodes;
using Mlps.Torch;

namespace Mlps.ML.Stages;

/// <summary>The precision in models of before <see cref="Precision.TensorFloat32"/> had a name.</summary>
internal static class SavedPrecision
{
    /// <summary>Names what a model computed with: on GPUs, <see cref="Precision.Full"/> meant TensorFloat32 in convolutions, as libtorch has it.</summary>
    public static void UpgradeFull(JsonObject options)
    {
        if (options[nameof(Precision)] is JsonValue value && value.TryGetValue(out string? name) && name == nameof(Precision.Full))
        {
            options[nameof(Precision)] = nameof(Precision.TensorFloat32);
        }
    }
}
