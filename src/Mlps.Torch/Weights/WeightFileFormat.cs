namespace Mlps.Torch.Weights;

/// <summary>The container a weight file turned out to be, decided by its content and never by its extension.</summary>
public enum WeightFileFormat
{
    /// <summary>safetensors: a JSON header followed by raw little-endian tensors.</summary>
    Safetensors,

    /// <summary>PyTorch 1.6 and later: an uncompressed zip archive with a pickle and one record a storage.</summary>
    TorchZip,

    /// <summary>PyTorch before 1.6 (and <c>_use_new_zipfile_serialization=False</c>): five pickles followed by the storages.</summary>
    TorchLegacy,

    /// <summary>MXNet <c>.params</c>: a list of NDArrays (headers before V1, V1, V2 or V3) followed by their names.</summary>
    MxNetParams,

    /// <summary>ONNX: a protocol buffer of a graph, of which the initializers are read.</summary>
    Onnx,
}
