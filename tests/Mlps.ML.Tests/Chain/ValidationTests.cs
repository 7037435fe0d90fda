using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Validation sets: the epoch, the prediction options and the threshold that score best on them are kept.</summary>
[Collection(ChainTests.Name)]
public sealed class ValidationTests
{
    private const double Tolerance = 1e-9;
    private const double CalibrationMargin = 0.005;

    private readonly MLContext _ml = new(seed: 11);
    private readonly ProgressList _progress = new();

    private static TinyTable Large => TinyTable.Images(5, 56, 40);

    [Fact]
    public void Segmenter_RawValidationSet_BestEpochIsKept() => UntilSeen(seed =>
    {
        using var model = Train(seed, TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() }, Training = new() { Epochs = 4, BatchSize = 4 } });

        var scores = _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU");
        Assert.Equal(4, scores.Length);
        Assert.Equal(scores.Max(), MeanIoU(model, model.LastTransformer.Segmentation), Tolerance);
        return scores[^1] < scores.Max();
    });

    [Fact]
    public void Segmenter_ImagesLargerThanPatches_BetterWayOfPredictionIsKept()
    {
        foreach (var better in Enum.GetValues<PredictionMode>())
        {
            UntilSeen(seed =>
            {
                using var model = Train(seed, TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() } });

                var chosen = model.LastTransformer.Segmentation;
                double windows = MeanIoU(model, chosen with { Prediction = PredictionMode.Windows }), whole = MeanIoU(model, chosen with { Prediction = PredictionMode.Whole });
                Assert.Equal(whole > windows ? PredictionMode.Whole : PredictionMode.Windows, chosen.Prediction);
                Assert.Equal(windows, _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU.Windows").Single(), Tolerance);
                Assert.Equal(whole, _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU.Whole").Single(), Tolerance);
                return windows != whole && chosen.Prediction == better;
            });
        }
    }

    [Theory]
    [InlineData(PredictionMode.Whole)]
    [InlineData(PredictionMode.Windows)]
    public void Segmenter_PredictionGiven_IsKept(PredictionMode prediction)
    {
        using var model = Train(TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() }, ChoosePrediction = false, Segmentation = new() { Prediction = prediction, GateThreshold = 0.3 } });

        Assert.Equal(new SegmentationOptions { Prediction = prediction, Gate = GateMode.Windows, GateThreshold = 0.3 }, model.LastTransformer.Segmentation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segmenter_CalibrateGate_LowestThresholdNearTheBestIsKept(bool paysForItself)
    {
        UntilSeen(seed =>
        {
            double[] thresholds = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.9];
            using var model = Train(seed, TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() }, CalibrateGate = true, ChoosePrediction = false, Segmentation = new() { GateThreshold = 0.9 } });

            var chosen = model.LastTransformer.Segmentation;
            var scores = thresholds.Select(threshold => MeanIoU(model, chosen with { Gate = GateMode.Windows, GateThreshold = threshold })).ToArray();
            var expected = thresholds[Array.FindIndex(scores, score => score >= scores.Max() - CalibrationMargin)];
            Assert.Equal((expected, expected == 0 ? GateMode.None : GateMode.Windows), (chosen.GateThreshold, chosen.Gate));
            Assert.Equal(scores[Array.IndexOf(thresholds, expected)], MeanIoU(model, chosen), Tolerance);
            return expected > 0 == paysForItself && (paysForItself || scores.Max() > scores[0]);
        });
    }

    [Fact]
    public void Segmenter_CalibrateGate_EpochsAreChosenByTheBetterOfGateAndNone() => UntilSeen(seed =>
    {
        var options = TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() }, ChoosePrediction = false, Training = new() { Epochs = 3, BatchSize = 4 } };
        Train(seed, options).Dispose();
        var gated = _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU");
        _progress.Clear();
        Train(seed, options with { CalibrateGate = true }).Dispose();

        var without = _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU.withoutGate");
        Assert.Equal(gated.Zip(without, Math.Max), _progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU"));
        return gated.Zip(without).Any(epoch => epoch.First < epoch.Second);
    });

    [Fact]
    public void Segmenter_CalibrationNotAsked_KeepsTheThreshold()
    {
        using var model = Train(TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() }, Segmentation = new() { GateThreshold = 0.37 } });

        Assert.Equal(0.37, model.LastTransformer.Segmentation.GateThreshold);
    }

    [Fact]
    public void Segmenter_NoValidationSet_PredictsInWindowsWithTheGivenThreshold()
    {
        using var model = Train(TinyChain.Segmenter with { Segmentation = new() { GateThreshold = 0.2 }, CalibrateGate = true });

        Assert.Equal(new SegmentationOptions { Prediction = PredictionMode.Windows, Gate = GateMode.Windows, GateThreshold = 0.2 }, model.LastTransformer.Segmentation);
        Assert.Empty(_progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU"));
    }

    [Fact]
    public void Segmenter_ValidationSetWithLabels_IsScoredByTheLastPseudoMask()
    {
        var patches = TinyTable.Patches(6);
        using var model = Train(TinyChain.Segmenter with { Run = new() { ValidationSet = patches.Labelled(), Progress = _progress } });

        var table = model.Transform(patches.Labelled());
        var score = _ml.TissueSegmentation.Evaluate(table, maskColumnName: TinyChain.Segmenter.PseudoMaskColumnNames[^1]).ProtocolA.MeanIoU;
        Assert.Equal(score, _progress.EpochScores(TrainingStage.Segmenter, "validation.pseudoMaskAgreement").Single(), Tolerance);
        Assert.Empty(_progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU"));
    }

    [Fact]
    public void Segmenter_ValidationSetWithItsOwnPseudoMasks_IsScoredByThose()
    {
        var patches = TinyTable.Patches(6);
        static byte[] Stripes(TinyRow row) => [.. Enumerable.Range(0, row.Width * row.Height).Select(pixel => (byte)(pixel % 2))];
        var own = TinyChain.Segmenter.PseudoMaskColumnNames.Select(name => patches.Bytes(name, Stripes)).ToArray();
        var flags = new PatchColumn<VBuffer<bool>>("Flags", new VectorDataViewType(BooleanDataViewType.Instance, 2), (TissuePatch patch, ref VBuffer<bool> value) => value = new(2, [true, true]));
        using var model = Train(TinyChain.Segmenter with { Run = new() { ValidationSet = patches.View([patches.Name, patches.Image, flags, .. own]), Progress = _progress } });

        var table = model.Transform(patches.View(patches.Name, patches.Image, patches.Bytes("Own", Stripes)));
        var score = _ml.TissueSegmentation.Evaluate(table, maskColumnName: "Own").ProtocolA.MeanIoU;
        Assert.Equal(score, _progress.EpochScores(TrainingStage.Segmenter, "validation.pseudoMaskAgreement").Single(), Tolerance);
    }

    [Fact]
    public void Segmenter_CheckpointOfARunWithAnotherWayToChooseEpochs_IsRefused()
    {
        using var folder = new Mlps.Testing.TemporaryFolder();
        var options = TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked(), CheckpointDirectory = folder.Path } };
        Train(options).Dispose();

        var error = Assert.Throws<TrainingException>(() => Train(options with { CalibrateGate = true }));

        Assert.Contains("CalibrateGate is True in this run and nothing in the checkpoint", error.Message, StringComparison.OrdinalIgnoreCase);

        var blended = Assert.Throws<TrainingException>(() => Train(options with { Segmentation = options.Segmentation with { Blending = BlendingKind.Uniform } }));

        Assert.Contains("Blending is nothing in this run and Hann in the checkpoint", blended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segmenter_ValidationSetWithNeitherMaskNorLabel_NamesTheColumn()
    {
        var images = Large;
        var error = Assert.Throws<TissueDataException>(() => Train(TinyChain.Segmenter with { Run = new() { ValidationSet = images.View(images.Name, images.Image) } }));

        Assert.Equal("The validation set has no column 'Mask'; it has Name, Image.", error.Message);
    }

    [Fact]
    public void Segmenter_GateThatCannotBeMadeForTheValidationSet_SaysWhatToDo()
    {
        var patches = TinyTable.Patches(4);
        var masks = TinyChain.Segmenter.PseudoMaskColumnNames.Select(name => patches.Bytes(name, row => TinyTissue.Mask(row.Number, row.Width, row.Height)));
        var gate = new PatchColumn<VBuffer<float>>(
            "GateProbability", new VectorDataViewType(NumberDataViewType.Single, 2), (TissuePatch patch, ref VBuffer<float> value) => value = new VBuffer<float>(2, [1f, 1f]));
        var train = patches.View([patches.Name, patches.Image, gate, .. masks]);

        var error = Assert.Throws<TissueDataException>(() =>
            _ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, TinyChain.Segmenter with { Run = new() { ValidationSet = Large.Masked() } }).Fit(train));

        Assert.Contains("no column 'GateProbability' for the gate", error.Message, StringComparison.Ordinal);
        Assert.Contains("set Gate to None", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segmenter_ValidationSetThroughTheClassifierAlready_IsUsedAsItIs()
    {
        using var classifier = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier).Fit(TinyTable.Patches(8).Labelled());
        var masks = _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes);
        var train = classifier.Transform(TinyTable.Patches(8).Labelled());
        train = masks.Fit(train).Transform(train);
        var options = TinyChain.Segmenter with { Run = new() { ValidationSet = classifier.Transform(Large.Masked()), Progress = _progress } };

        using var segmenter = _ml.TissueSegmentation.GatedSegmenter(TinyTissue.Classes, options).Fit(train);

        var score = _ml.TissueSegmentation.Evaluate(segmenter.Transform(classifier.Transform(Large.Masked()))).ProtocolA.MeanIoU;
        Assert.Equal(_progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU").Single(), score, Tolerance);
    }

    [Fact]
    public void Classifier_ValidationSetWithLabels_EpochWithTheBestLabelSetsIsKept() => UntilSeen(seed =>
    {
        var validation = TinyTable.Patches(9);
        var options = TinyChain.Classifier with { Run = new() { ValidationSet = validation.Labelled(), Progress = _progress }, Training = new() { Epochs = 4, BatchSize = 4, Seed = seed } };

        using var classifier = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());

        var scores = _progress.EpochScores(TrainingStage.PatchClassifier, "validation.labelIoU");
        Assert.Equal(4, scores.Length);
        Assert.Equal(scores.Max(), LabelIoU(classifier.Transform(validation.Labelled()).Vectors<float>("Probability")), 1e-6);
        Assert.Empty(_progress.EpochScores(TrainingStage.PatchClassifier, "validation.pseudoMaskMeanIoU"));
        return scores[^1] < scores.Max();
    });

    [Fact]
    public void Classifier_ValidationSetWithMasks_EpochWithTheBestPseudoMasksIsKept() => UntilSeen(seed =>
    {
        // Of the training patches' size each image is one tile, whose label is what its mask holds.
        var validation = TinyTable.Patches(6);
        var options = TinyChain.Classifier with { Run = new() { ValidationSet = validation.Masked(), Progress = _progress }, Training = new() { Epochs = 3, BatchSize = 4, Seed = seed } };

        using var classifier = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());

        var scores = _progress.EpochScores(TrainingStage.PatchClassifier, "validation.pseudoMaskMeanIoU");
        var table = classifier.Transform(validation.View(validation.Name, validation.Image, validation.Label, validation.Mask));
        var masks = _ml.TissueSegmentation.PseudoMasks(TinyTissue.Classes).Fit(table).Transform(table);
        var mean = TinyChain.Segmenter.PseudoMaskColumnNames.Average(column => _ml.TissueSegmentation.Evaluate(masks, predictedMaskColumnName: column).ProtocolA.MeanIoU);
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.Max(), mean, Tolerance);
        return scores[^1] < scores.Max();
    });

    [Fact]
    public void Classifier_ValidationSetWithNeitherMaskNorLabel_NamesTheColumn()
    {
        var images = Large;
        var options = TinyChain.Classifier with { Run = new() { ValidationSet = images.View(images.Name, images.Image) } };

        var error = Assert.Throws<TissueDataException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options).Fit(TinyTable.Patches(4).Labelled()));

        Assert.Equal("The validation set has no column 'Label' and no column 'Mask'; it has Name, Image.", error.Message);
    }

    [Fact]
    public void WholeMethod_MasksOfAnotherName_ScoreBothStages()
    {
        var images = Large;
        var truth = images.View(images.Name, images.Image, images.Bytes("Truth", row => TinyTissue.Mask(row.Number, row.Width, row.Height)));
        var options = new MultiLayerPseudoSupervisionOptions
        {
            Classifier = TinyChain.Classifier with { MaskColumnName = "Truth" },
            Segmenter = TinyChain.Segmenter,
            Run = new() { ValidationSet = truth, Progress = _progress },
        };

        using var model = _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options).Fit(TinyTable.Patches(4).Labelled());

        Assert.Single(_progress.EpochScores(TrainingStage.PatchClassifier, "validation.pseudoMaskMeanIoU"));
        Assert.Single(_progress.EpochScores(TrainingStage.Segmenter, "validation.meanIoU"));
    }

    /// <summary>Repeats a training with other seeds, each of which must pass, until one shows what the test is about.</summary>
    private void UntilSeen(Func<int, bool> train)
    {
        const int Seeds = 20;
        for (var seed = 0; seed < Seeds; seed++)
        {
            _progress.Clear();
            if (train(seed))
            {
                return;
            }
        }

        Assert.Fail($"None of {Seeds} seeds shows a difference; the test tests nothing.");
    }

    private TransformerChain<GatedSegmenterTransformer> Train(GatedSegmenterOptions segmenter) => Train(11, segmenter);

    private TransformerChain<GatedSegmenterTransformer> Train(int seed, GatedSegmenterOptions segmenter) =>
        TinyChain.Create(new MLContext(seed), segmenter: segmenter with { Run = segmenter.Run with { Progress = _progress } }).Fit(TinyTable.Patches(8).Labelled());

    private double MeanIoU(TransformerChain<GatedSegmenterTransformer> model, SegmentationOptions segmentation)
    {
        var gated = model.ClassifierOf().Transform(Large.Masked());
        return _ml.TissueSegmentation.Evaluate(model.LastTransformer.With(segmentation).Transform(gated)).ProtocolA.MeanIoU;
    }

    private static double LabelIoU(float[][] probabilities) => probabilities.Select((row, number) =>
    {
        var truth = TinyTissue.Label(number);
        var union = Enumerable.Range(0, 2).Count(c => truth[c] || row[c] > 0.5f);
        return (double)Enumerable.Range(0, 2).Count(c => truth[c] && row[c] > 0.5f) / union;
    }).Average();
}
