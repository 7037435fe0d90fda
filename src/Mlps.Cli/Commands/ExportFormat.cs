namespace Mlps.Cli.Commands;

/// <summary>What <c>export</c> writes.</summary>
internal enum ExportFormat
{
    /// <summary>The weights of both networks, in two files.</summary>
    Safetensors,

    /// <summary>The whole model as one graph.</summary>
    Onnx,
}
