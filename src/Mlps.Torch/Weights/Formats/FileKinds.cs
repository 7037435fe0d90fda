using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Names what a file is that is no weight file, as far as its first bytes tell, and what to do.</summary>
internal static class FileKinds
{
    private const int StartBytes = 512;
    private const int ShownCharacters = 80;
    private const int TarMark = 257;

    /// <summary>A sentence for the error, on a file of no supported format.</summary>
    public static string Describe(ByteSource source)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(source.Length, StartBytes)];
        source.Read(0, start);
        var shown = Convert.ToHexString(start[..Math.Min(16, start.Length)]);
        return Kind(start) is { } kind
            ? $"{kind} Expected safetensors, PyTorch (.pth), MXNet (.params) or ONNX (.onnx)."
            : $"starts with the bytes {shown}, which no supported format does (safetensors, PyTorch .pth, MXNet .params, ONNX .onnx). It is damaged or something else.";
    }

    private static string? Kind(ReadOnlySpan<byte> start)
    {
        const string Python = "Load it in its own program and write the tensors with torch.save or safetensors.";
        return start switch
        {
            [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => $"is an HDF5 file, as Keras writes them (.h5). {Python}",
            [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "is a single NumPy array (.npy), without tensors' names. Save a dictionary of tensors with torch.save or safetensors.",
            [(byte)'G', (byte)'G', (byte)'U', (byte)'F', ..] => $"is a GGUF file. {Python}",
            [_, _, _, _, (byte)'T', (byte)'F', (byte)'L', (byte)'3', ..] => $"is a TensorFlow Lite model. {Python}",
            [0x08, 0x01, 0x12, ..] => $"looks like a TensorFlow SavedModel (saved_model.pb). {Python}",
            [0x08, >= 2 and <= 20, 0x12 or 0x1A or 0x3A or 0x42, ..] => $"looks like a protocol buffer, but not like an ONNX model: a Core ML model, or the damaged start of something else. {Python}",
            [0x0A, _, 0x0A, ..] or [0x0A, _, _, 0x0A, ..] => $"looks like a protocol buffer: a TensorFlow graph (.pb) or a Caffe model. {Python}",
            [0x1F, 0x8B, ..] => "is compressed with gzip: unpack it first (gunzip).",
            [(byte)'B', (byte)'Z', (byte)'h', ..] => "is compressed with bzip2: unpack it first (bunzip2).",
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "is compressed with xz: unpack it first (unxz).",
            [0x28, 0xB5, 0x2F, 0xFD, ..] => "is compressed with zstd: unpack it first (unzstd).",
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => "is a 7z archive: unpack it first.",
            [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => "is a RAR archive: unpack it first.",
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] or [0xFF, 0xD8, 0xFF, ..] => "is an image.",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "is a PDF document.",
            _ when IsTar(start) => "is a tar archive: unpack it first. A PyTorch file named .pth.tar is none; one from before PyTorch 0.1.10 is: load it with an old PyTorch and save it again.",
            _ => Text(start),
        };
    }

    private static bool IsTar(ReadOnlySpan<byte> start) => start.Length > TarMark + 5 && start[TarMark..].StartsWith("ustar"u8);

    private static string? Text(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(Encoding.UTF8.Preamble))
        {
            start = start[3..];
        }

        if (start.IsEmpty || start.ContainsAnyInRange((byte)0, (byte)8) || start.ContainsAnyInRange((byte)14, (byte)31))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(start).Trim();
        if (text.StartsWith('<'))
        {
            return "It looks like a web page: the download got a page instead of the file. Download it again, with the link to the file itself, signed in where needed.";
        }

        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
        {
            return "It is a Git LFS pointer: run 'git lfs pull' to get the file.";
        }

        if (text.StartsWith('{') && text.Contains("\"weight_map\"", StringComparison.Ordinal) || (text.StartsWith('{') && text.Contains("\"total_size\"", StringComparison.Ordinal)))
        {
            return "is the index of weights that lie in several files beside it. Join them in Python: "
                + "save_file({k: v for f in files for k, v in load_file(f).items()}, 'weights.safetensors'), with load_file and save_file of safetensors.torch.";
        }

        var first = text.Split('\n')[0].Trim();
        first = first.Length > ShownCharacters ? first[..ShownCharacters] + "…" : first;
        return text.StartsWith('{') || text.StartsWith('[') ? $"is a JSON text, no weights: {first}" : $"is a text, no weights: '{first}'.";
    }
}
