using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the texts beside the tensors of an ONNX model.</summary>
internal static class OnnxText
{
    /// <summary>Longest text that is kept; longer ones hold whole configurations or documents, which nothing here needs.</summary>
    public const int MaxBytes = 1 << 16;

    /// <summary>Reads a key with its value; texts that are too long become empty.</summary>
    public static (string Key, string Value) ReadEntry(ProtobufReader reader, ParseBudget budget)
    {
        var (key, value) = (string.Empty, string.Empty);
        var outer = reader.Enter();
        while (reader.Next(out var field, out var type))
        {
            switch (field, type)
            {
                case (StringStringEntryProto.KeyFieldNumber, WireFormat.WireType.LengthDelimited):
                    key = reader.ReadText(StoredTensor.MaxNameLength, budget) ?? string.Empty;
                    break;
                case (StringStringEntryProto.ValueFieldNumber, WireFormat.WireType.LengthDelimited):
                    value = reader.ReadText(MaxBytes, budget) ?? string.Empty;
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.Leave(outer);
        return (key, value);
    }
}
