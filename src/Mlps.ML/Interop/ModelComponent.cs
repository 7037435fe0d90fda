using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Text;
using Mlps.Torch;

namespace Mlps.ML.Interop;

/// <summary>What the header of a <c>Model.key</c> says: which component of which assembly ML.NET is to make of the folder.</summary>
/// <param name="Signature">The name by which ML.NET finds the component's class.</param>
/// <param name="Alternative">A second name that ML.NET tries, or empty.</param>
/// <param name="Assembly">Simple name of the assembly that ML.NET loads first, or empty.</param>
/// <param name="Content">What the component itself wrote.</param>
/// <remarks>The layout is that of ML.NET's <c>ModelHeader</c>. Names are read here before ML.NET reads them, since it loads the assembly that they name.</remarks>
internal sealed record ModelComponent(string Signature, string Alternative, string Assembly, ReadOnlyMemory<byte> Content)
{
    private const int HeaderBytes = 256;
    private const ulong FirstBytes = 0x4C45444F4D004C4D;
    private const ulong LastBytes = 0x4D4C004D4F44454C;
    private const int LongestAssembly = 1000;

    private static readonly string _own = typeof(ModelComponent).Assembly.GetName().Name!;

    /// <summary>ML.NET's transformers that map rows one by one, from its two assemblies of data and images; and the parts that some of them hold.</summary>
    private static readonly Dictionary<string, string> _known = new(StringComparer.Ordinal)
    {
        ["TissuePatchClassifier"] = _own,
        ["TissuePseudoMasks"] = _own,
        ["GatedTissueSegmenter"] = _own,
        ["TissueStains"] = _own,
        [Chain] = "Microsoft.ML.Data",
        ["ConcatTransform"] = "Microsoft.ML.Data",
        ["ConcatFunction"] = "Microsoft.ML.Data",
        ["CopyTransform"] = "Microsoft.ML.Data",
        ["SelectColumnsTransform"] = "Microsoft.ML.Data",
        ["ChooseColumnsFunction"] = "Microsoft.ML.Data",
        ["ConvertTransform"] = "Microsoft.ML.Data",
        ["ConvertFunction"] = "Microsoft.ML.Data",
        ["DropSlotsTransform"] = "Microsoft.ML.Data",
        ["HashTransform"] = "Microsoft.ML.Data",
        ["KeyToValueTransform"] = "Microsoft.ML.Data",
        ["KeyToVectorTransform"] = "Microsoft.ML.Data",
        ["Normalizer"] = "Microsoft.ML.Data",
        ["NormalizeFunction"] = "Microsoft.ML.Data",
        ["AffineNormExec"] = "Microsoft.ML.Data",
        ["BinNormExec"] = "Microsoft.ML.Data",
        ["BinNormalizeFunction"] = "Microsoft.ML.Data",
        ["CdfNormalizeFunction"] = "Microsoft.ML.Data",
        ["TermTransform"] = "Microsoft.ML.Data",
        ["TermManager"] = "Microsoft.ML.Data",
        ["ImageLoaderTransform"] = "Microsoft.ML.ImageAnalytics",
        ["ImageScalerTransform"] = "Microsoft.ML.ImageAnalytics",
        ["ImageGrayscaleTransform"] = "Microsoft.ML.ImageAnalytics",
        ["ImagePixelExtractor"] = "Microsoft.ML.ImageAnalytics",
        ["VectorToImageConverter"] = "Microsoft.ML.ImageAnalytics",
    };

    /// <summary>The signature of a chain of transformers.</summary>
    public const string Chain = "TransformerChain";

    /// <summary>Whether it is one of this library's stages, which lists its parts.</summary>
    public bool IsOwn => _known.GetValueOrDefault(Signature) == _own;

    /// <summary>Reads a <c>Model.key</c>.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static ModelComponent Parse(ReadOnlyMemory<byte> key)
    {
        var bytes = key.Span;
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != FirstBytes)
        {
            throw new FormatException("it has no header of an ML.NET model.");
        }

        var content = Range(bytes, 0x10, BinaryPrimitives.ReadInt64LittleEndian(bytes[0x18..]));
        var tail = Range(bytes, 0x80, sizeof(ulong));
        var name = Range(bytes, 0x90, BinaryPrimitives.ReadUInt32LittleEndian(bytes[0x98..]));
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[tail]) != LastBytes)
        {
            throw new FormatException("it has no end.");
        }

        return new ModelComponent(Ascii(bytes[0x50..0x68]), Ascii(bytes[0x68..0x80]), SimpleName(bytes[name]), key[content]);
    }

    /// <summary>Throws when ML.NET would make a component that is not known, or load another assembly than the component's own.</summary>
    /// <exception cref="FormatException">It would.</exception>
    public void RequireAllowed(IReadOnlyList<string> additional)
    {
        if (!IsAllowed(Signature, additional) || (Alternative.Length > 0 && !IsAllowed(Alternative, additional)))
        {
            throw new FormatException(
                $"it holds the component '{(IsAllowed(Signature, additional) ? Alternative : Signature)}' of the assembly '{Assembly}', which is no stage of tissue segmentation and no row mapper of ML.NET. "
                + $"Load it with {nameof(ModelLoadOptions)}.{nameof(ModelLoadOptions.AdditionalComponents)} if you trust the file.");
        }

        if (Assembly.Length > 0 && _known.TryGetValue(Signature, out var home) && Assembly != home)
        {
            throw new FormatException($"it says that '{Signature}' is in the assembly '{Assembly}', and it is in '{home}'.");
        }
    }

    private static bool IsAllowed(string signature, IReadOnlyList<string> additional) => _known.ContainsKey(signature) || additional.Contains(signature, StringComparer.Ordinal);

    /// <summary>The range of a length that starts where a number in the header says.</summary>
    private static Range Range(ReadOnlySpan<byte> bytes, int at, long length)
    {
        var start = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        return length >= 0 && start >= 0 && start <= bytes.Length && length <= bytes.Length - start
            ? (int)start..(int)(start + length)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its header names {length} bytes at {start}, beyond its end."));
    }

    private static string Ascii(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimEnd((byte)0);
        return text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? throw new FormatException("the name of its component is no text.") : Encoding.ASCII.GetString(text);
    }

    private static string SimpleName(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return string.Empty;
        }

        var name = bytes.Length <= sizeof(char) * LongestAssembly ? Encoding.Unicode.GetString(bytes) : throw new FormatException("the name of its assembly is too long.");
        try
        {
            return new AssemblyName(name).Name ?? string.Empty;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException)
        {
            throw new FormatException($"'{ShortText.Of(name)}' is no name of an assembly.", exception);
        }
    }
}
