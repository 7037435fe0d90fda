using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Validation;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>The images, masks and gates that a segmenter is chosen by.</summary>
internal sealed class SegmenterValidationSet : IDisposable
{
    /// <summary>What the score is called, by what it is computed against.</summary>
    private const string TrueMasks = "meanIoU", PseudoMasks = "pseudoMaskAgreement";

    private readonly GatedSegmenterOptions _options;
    private readonly PatchStore _images;
    private readonly Tensor[]? _gates;
    private readonly string _scoreName;
    private readonly SegmenterValidation _validation;

    private SegmenterValidationSet(GatedSegmenterOptions options, PatchStore images, Tensor[]? gates, string scoreName)
    {
        (_options, _images, _gates, _scoreName) = (options, images, gates, scoreName);
        _validation = new SegmenterValidation(images, gates, options.Run.Ranks);
    }

    /// <summary>The images, with a mask each.</summary>
    public PatchStore Images => _images;

    /// <summary>Reads the options' validation set, with the earlier stages' columns made for it; null where there is none.</summary>
    /// <remarks>Without masks it is scored by the last pseudo mask, which is made of its labels.</remarks>
    /// <param name="environment">Where warnings go.</param>
    /// <param name="input">The training table, which came through the earlier stages.</param>
    /// <param name="options">With the validation set.</param>
    /// <param name="classCount">C.</param>
    /// <exception cref="TissueDataException">The validation set has no images, or neither masks nor labels, or the gate's column cannot be made for it.</exception>
    public static SegmenterValidationSet? Read(IHostEnvironment environment, IDataView input, GatedSegmenterOptions options, int classCount)
    {
        if (options.Run.ValidationSet is not { } table)
        {
            return null;
        }

        var hasMasks = table.Schema.GetColumnOrNull(options.MaskColumnName) is not null;
        var store = new ValidationStore(environment, input, classCount, options.Run.CancellationToken);
        var images = hasMasks ? store.WithMasks(table, options.ImageColumnName, options.MaskColumnName) : store.WithPseudoMasks(table, options.ImageColumnName, options.MaskColumnName, options.PseudoMaskColumnNames);
        try
        {
            RequireTissue(images, classCount, hasMasks ? options.MaskColumnName : options.PseudoMaskColumnNames[^1], hasMasks, "the validation set");
            return new SegmenterValidationSet(options, images, ReadGates(environment, input, table, options, images, classCount), hasMasks ? TrueMasks : PseudoMasks);
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    /// <summary>The patches held out of the training, scored by their last pseudo mask; null where none were.</summary>
    /// <remarks>Its images stay with the caller.</remarks>
    /// <exception cref="TissueDataException">No pixel is of a tissue, or the gate's values do not fit.</exception>
    public static SegmenterValidationSet? FromHeldOut(TrainingPatches patches, GatedSegmenterOptions options, int classCount)
    {
        if (patches.HeldOut is not { } images)
        {
            return null;
        }

        RequireTissue(images, classCount, options.PseudoMaskColumnNames[^1], hasMasks: false, "the patches that are held out");
        var gates = patches.HeldOutGates.Select(gate =>
            GateTensor.TryFrom([.. gate], classCount, images.Layout.Height, images.Layout.Width, out var wrong)
            ?? throw new TissueDataException($"Column '{options.GateColumn?.Name}' of a patch that is held out: {wrong}."));
        return new SegmenterValidationSet(options, images, options.GateColumn is null ? null : [.. gates], PseudoMasks);
    }

    /// <summary>mIoU of the tissues that occur in the validation set, under protocol A, by name; the deciding one comes first.</summary>
    /// <remarks>
    /// <c>meanIoU</c> is the best; <c>meanIoU.Windows</c> and <c>meanIoU.Whole</c> are given where both ways of prediction may be chosen; <c>meanIoU.withoutGate</c> is the best when
    /// every class may be predicted. Where the gate is calibrated, and so may be left out, <c>meanIoU</c> is the best with it or without it. Against pseudo masks it is <c>pseudoMaskAgreement</c> instead of <c>meanIoU</c>.
    /// </remarks>
    public IReadOnlyList<KeyValuePair<string, double>> Score(Segmenter segmenter)
    {
        PredictionOptions[] gated = [.. Predictions(segmenter).Select(prediction => _options.EffectiveSegmentation with { Prediction = prediction, Views = 1 })];
        var hasGate = _gates is not null;
        var scores = _validation.MeanIoU(segmenter, [.. gated.Select(way => (way, true)), .. hasGate ? gated.Select(way => (way, false)) : []]);
        var named = gated.Zip(scores, (way, score) => new KeyValuePair<string, double>($"{_scoreName}.{way.Prediction}", score));
        return
        [
            new(_scoreName, scores.Take(_options.CalibrateGate ? scores.Count : gated.Length).Max()),
            .. gated.Length > 1 ? named : [],
            .. hasGate ? [new KeyValuePair<string, double>($"{_scoreName}.withoutGate", scores.Skip(gated.Length).Max())] : Array.Empty<KeyValuePair<string, double>>(),
        ];
    }

    /// <summary>The way to predict that scores best.</summary>
    public SegmentationOptions Choose(IHostEnvironment environment, Segmenter segmenter)
    {
        var predictions = Predictions(segmenter);
        var (chosen, score) = _validation.Choose(segmenter, _options.EffectiveSegmentation with { Prediction = predictions[0] }, predictions, _options.CalibrateGate);
        var best = (SegmentationOptions)chosen;
        if (_options.CalibrateGate && best.GateThreshold == 0)
        {
            // An open gate need not be computed.
            best = best with { Gate = GateMode.None };
        }

        environment.Info(
            "Validation",
            string.Create(CultureInfo.InvariantCulture, $"Predicting by {best.Prediction}, {best.GateText}: {_scoreName} {score:f4} on {_images.Count} validation images."));
        return best;
    }

    public void Dispose()
    {
        _images.Dispose();
        foreach (var gate in _gates ?? [])
        {
            gate.Dispose();
        }
    }

    /// <summary>Throws where no pixel of any mask is of a tissue: every epoch would score 0.</summary>
    private static void RequireTissue(PatchStore images, int classCount, string column, bool hasMasks, string of)
    {
        if (!Enumerable.Range(0, images.Count).Any(image => images.Mask(image, images.Layout.MaskCount - 1).ContainsAnyExceptInRange((byte)classCount, byte.MaxValue)))
        {
            var remedy = hasMasks ? $"Give masks in which 0 to {classCount - 1} stand for the tissues ({classCount} is background)." : "Pseudo masks are made of labels: give images in which tissues occur.";
            throw new TissueDataException($"Column '{column}' of {of} has background in every pixel, so no epoch can be scored. {remedy}");
        }
    }

    private PredictionMode[] Predictions(Segmenter segmenter)
    {
        var larger = _images.Layout.Height > segmenter.PatchSize.Height || _images.Layout.Width > segmenter.PatchSize.Width;
        return !_options.ChoosePrediction ? [_options.Segmentation.Prediction]
            : larger ? [PredictionMode.Windows, PredictionMode.Whole]
            : [PredictionMode.Windows];
    }

    private static Tensor[]? ReadGates(IHostEnvironment environment, IDataView input, IDataView table, GatedSegmenterOptions options, PatchStore images, int classCount)
    {
        if (options.GateColumn is not { } column)
        {
            return null;
        }

        if (!ViewReplay.TryReplay(environment, input, table, [column.Name], out var replayed, out var reason))
        {
            throw new TissueDataException(
                $"The validation set has no column '{column.Name}' for the gate, and it cannot be made: {reason} Give a validation set that came through the patch classifier, or set Gate to None.");
        }

        column.Check(environment, replayed.Schema);
        var gates = new List<Tensor>(images.Count);
        using var cursor = replayed.GetRowCursor([replayed.Schema[column.Name]]);
        var getter = cursor.GetGetter<VBuffer<float>>(replayed.Schema[column.Name]);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            options.Run.CancellationToken.ThrowIfCancellationRequested();
            getter(ref value);
            gates.Add(
                GateTensor.TryFrom([.. value.DenseValues()], classCount, images.Layout.Height, images.Layout.Width, out var wrong)
                ?? throw new TissueDataException($"Column '{column.Name}' of the validation set, {RowNumber.Text(gates.Count)}: {wrong}."));
        }

        return [.. gates];
    }
}
