namespace Mlps.Torch.Weights.Formats;

/// <summary>Names what a zip archive is that torch.save did not write, as far as the names of its records tell, and what to do.</summary>
internal static class ZipKinds
{
    /// <summary>A sentence for the error where the archive is a program that TorchScript saved; null for any other.</summary>
    public static string? DescribeScript(IEnumerable<string> records)
    {
        foreach (var record in records)
        {
            var parts = record.Split('/');
            if (parts is [_, "constants.pkl"] or [_, "code", ..])
            {
                return "is a TorchScript archive (torch.jit.save), a program rather than weights. Take the weights out in Python: "
                    + "torch.save(torch.jit.load(path, map_location='cpu').state_dict(), 'weights.pth').";
            }
        }

        return null;
    }

    /// <summary>A sentence for the error; null where the names tell nothing.</summary>
    public static string? Describe(IEnumerable<string> records)
    {
        string[] names = [.. records];
        if (DescribeScript(names) is { } script)
        {
            return script;
        }

        if (names.Contains("model.weights.h5"))
        {
            return "is a Keras model (.keras). Load it in Keras, and write the tensors with torch.save or safetensors.";
        }

        if (Array.Exists(names, name => name.StartsWith("TransformerChain", StringComparison.Ordinal) || name.StartsWith("TrainingInfo", StringComparison.Ordinal)))
        {
            return "is an ML.NET model, no weights. Write its weights first: in the Quickstart with 'export --model model.zip --output weights', "
                + "in C# with Network.SaveWeights.";
        }

        if (names.Length > 0 && Array.TrueForAll(names, name => name.EndsWith(".npy", StringComparison.Ordinal)))
        {
            return "holds NumPy arrays (.npz). Save them as tensors: torch.save({k: torch.from_numpy(v) for k, v in numpy.load(path).items()}, 'weights.pth').";
        }

        if (Array.Exists(names, name => name.EndsWith("models/model.json", StringComparison.Ordinal) || name.EndsWith("/archive_format", StringComparison.Ordinal)))
        {
            return "is an exported PyTorch program (torch.export, .pt2). Save the weights: torch.save(torch.export.load(path).state_dict, 'weights.pth').";
        }

        var inner = Array.Find(names, name =>
            name.EndsWith(".pth", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal) || name.EndsWith(".tar", StringComparison.Ordinal)
            || name.EndsWith(".ckpt", StringComparison.Ordinal) || name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".params", StringComparison.Ordinal));
        if (inner is not null)
        {
            return $"is a zip archive around '{inner}': unpack it, and give that file.";
        }

        return null;
    }
}
