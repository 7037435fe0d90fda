using System.Text;
using Mlps.ML;
using Mlps.Onnx;
using Mlps.Onnx.Export;
using Mlps.Slides;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights;

namespace Mlps.Docs.Tests.Options;

/// <summary>Writes docs/options.md from the code: names and defaults from the types themselves, meanings from their XML comments.</summary>
internal static class OptionsReference
{
    private const string Head =
        """
        # Options

        All options, with their defaults. They are immutable records: set what differs in an initializer, as in `new PatchClassifierOptions { Width = 0.125 }`, or copy with
        `options with { Views = 4 }`. They are checked once, by the estimator's constructor; a value outside its range is named in the exception.

        This page is made from the code: do not edit it. A test compares it with the code and says how to make it anew.

        """;

    /// <summary>Where a reader begins; types that these are made of follow.</summary>
    private static readonly (string Heading, Type[] Types)[] _parts =
    [
        ("The whole method", [typeof(MultiLayerPseudoSupervisionOptions), typeof(TrainingRunOptions)]),
        ("Stain normalization", [typeof(StainNormalizationOptions)]),
        ("Stage 1: the patch classifier", [typeof(PatchClassifierOptions)]),
        ("Pseudo masks", [typeof(PseudoMasksOptions)]),
        ("Stage 2: the gated segmenter", [typeof(GatedSegmenterOptions), typeof(SegmentationOptions)]),
        ("Model files", [typeof(ModelLoadOptions)]),
        ("Datasets", [typeof(TissueDatasetOptions), typeof(DatasetSplit), typeof(DamagedImages), typeof(SyntheticTissueOptions)]),
        ("Whole slides", [typeof(SlideSegmentationOptions), typeof(SlideOptions), typeof(TissueMaskOptions), typeof(TileOptions), typeof(SlidePatchOptions)]),
        ("ONNX", [typeof(OnnxExportOptions), typeof(OnnxSegmenterOptions)]),
        ("Pictures", [typeof(ContactSheetOptions), typeof(ActivationSheetOptions), typeof(OverlayOptions), typeof(HeatMapOptions)]),
        ("Work on tensors and weight files", [typeof(Mlps.Torch.Inference.PredictionOptions), typeof(WeightLoadOptions)]),
    ];

    public static string Write()
    {
        var documentation = new XmlDocumentation(typeof(PatchClassifierOptions).Assembly, typeof(ActivationLayer).Assembly, typeof(SlideOptions).Assembly, typeof(OnnxExportOptions).Assembly, typeof(OnnxSegmenterOptions).Assembly);
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var (heading, types) in Parts())
        {
            text.Append('\n').Append("## ").Append(heading).Append('\n');
            foreach (var type in types)
            {
                Append(text, type, documentation);
            }
        }

        return text.ToString();
    }

    /// <summary>Every type on the page.</summary>
    public static IEnumerable<Type> Types() => Parts().SelectMany(part => part.Types);

    private static IEnumerable<(string Heading, List<Type> Types)> Parts()
    {
        var seen = _parts.SelectMany(part => part.Types).ToHashSet();
        foreach (var (heading, roots) in _parts)
        {
            var types = new List<Type>(roots);
            for (var next = 0; next < types.Count; next++)
            {
                types.AddRange(OptionProperties.Find(types[next]).Select(OptionProperties.OwnTypeOf).OfType<Type>().Where(seen.Add));
            }

            yield return (heading, types);
        }
    }

    private static void Append(StringBuilder text, Type type, XmlDocumentation documentation)
    {
        text.Append('\n').Append("### ").Append(type.Name).Append("\n\n").Append(documentation.Summarize(type)).Append(" In `").Append(type.Namespace).Append("`.\n\n");
        if (type.IsEnum)
        {
            text.Append("| value | meaning |\n|---|---|\n");
            foreach (var value in Enum.GetNames(type))
            {
                text.Append("| `").Append(value).Append("` | ").Append(Cell(documentation.Summarize(type.GetField(value)!))).Append(" |\n");
            }

            return;
        }

        var defaults = Activator.CreateInstance(type);
        text.Append("| option | type | default | meaning |\n|---|---|---|---|\n");
        foreach (var property in OptionProperties.Find(type))
        {
            var name = $"`{CodeText.TypeOf(property)}`";
            var link = OptionProperties.OwnTypeOf(property) is { } own ? $"[{name}](#{own.Name.ToLowerInvariant()})" : name;
            text.Append("| `").Append(property.Name).Append("` | ").Append(link).Append(" | `").Append(CodeText.Value(property.GetValue(defaults))).Append("` | ")
                .Append(Cell(documentation.Summarize(property))).Append(" |\n");
        }

        foreach (var preset in OptionProperties.PresetsOf(type))
        {
            text.Append("\n`").Append(type.Name).Append('.').Append(preset.Name).Append("`: ").Append(documentation.Summarize(preset)).Append(" `").Append(CodeText.Value(preset.GetValue(null))).Append("`\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
