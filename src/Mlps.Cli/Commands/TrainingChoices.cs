using System.CommandLine;
using Mlps.Cli.Training;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Commands;

/// <summary>The options of <c>train</c> that say how to train.</summary>
internal sealed class TrainingChoices
{
    private readonly Option<StartingPoint?> _start = new("--start")
    {
        Description = "What both networks start from: pretrained (ResNet-18 with the weights of ML.NET's image featurizer) or random. Default: pretrained, unless --recipe, --width, --backbone or a file of weights chooses other networks.",
    };

    private readonly Option<int?> _classifierEpochs = CommonOptions.Count("--classifier-epochs", $"Epochs of the patch classifier. {TrainingDefaults.Classifier(training => training.Epochs)}");
    private readonly Option<int?> _segmenterEpochs = CommonOptions.Count("--segmenter-epochs", $"Epochs of the segmenter. {TrainingDefaults.Segmenter(training => training.Epochs)}");
    private readonly Option<double?> _width = new("--width") { Description = "Factor on the channels of a ResNet-38 as patch classifier; 1 is the published one. Default without the pretrained start: 1 on a GPU, 0.125 on a CPU." };
    private readonly Option<BackboneKind?> _backbone = new("--backbone") { Description = "The segmenter's encoder. Default: resnet18 from the pretrained start, else resnet on a GPU and compact on a CPU." };
    private readonly Option<int?> _outputStride = new("--output-stride") { Description = $"Image height over the encoder's feature height: 16 or 8. {TrainingDefaults.Sentence(GatedSegmenterOptions.Pretrained.Architecture.OutputStride, new GatedSegmenterOptions().Architecture.OutputStride)}" };
    private readonly Option<Recipe> _recipe = new("--recipe") { Description = "This library's training (default) or the published code's, including its known bugs (reference)." };
    private readonly Option<int?> _batchSize = CommonOptions.Count("--batch-size", $"Patches a step, in both stages. {TrainingDefaults.Both(training => training.BatchSize, training => training.BatchSize)} From the pretrained start the segmenter sees them side by side, two by two, if the number is a multiple of 4, and else each by itself.");
    private readonly Option<double?> _classifierRate = new("--classifier-rate") { Description = $"Learning rate of the patch classifier. {TrainingDefaults.Classifier(training => training.Optimizer.LearningRate)}" };
    private readonly Option<double?> _segmenterRate = new("--segmenter-rate") { Description = $"Learning rate of the segmenter's encoder; the rest learns ten times as fast. {TrainingDefaults.Segmenter(training => training.Optimizer.LearningRate)}" };
    private readonly Option<LearningRateDecay?> _decay = new("--decay") { Description = $"The course of the learning rate. {TrainingDefaults.Both(training => training.Optimizer.Decay, training => training.Optimizer.Decay)}" };
    private readonly Option<double?> _warmUpEpochs = new("--warm-up-epochs") { Description = $"Epochs over which the learning rate rises from 0. Default: {PatchClassifierTrainingOptions.Pretrained.Optimizer.WarmUpSteps} steps from the pretrained start, else 0." };
    private readonly Option<bool> _nesterov = new("--nesterov") { Description = "Let momentum look ahead." };
    private readonly Option<SegmentationLoss?> _loss = new("--loss") { Description = $"What a wrong pixel costs the segmenter. {TrainingDefaults.Segmenter(training => training.Loss)}" };
    private readonly Option<bool> _weighClasses = new("--weigh-classes") { Description = "Count rare classes more in the segmenter's loss: 1/ln(1.02 + share of pixels)." };
    private readonly Option<bool> _freezeBatchNorm = new("--freeze-batchnorm") { Description = "Keep the BatchNorm statistics that were loaded." };
    private readonly Option<double?> _stainJitter = new("--stain-jitter") { Description = "How much haematoxylin and eosin are varied, 0 to 1. Default: 0.3; 0 in the reference recipe." };
    private readonly Option<StainMethod?> _stains = new("--stains") { Description = "Give all images the stains of a reference first, in training and prediction: macenko or reinhard. Default: none." };
    private readonly Option<FileInfo?> _stainReference = new("--stain-reference") { Description = "The image whose stains are the reference of --stains. Default: all training images." };
    private readonly Option<int> _views = new("--views")
    {
        Description = "Flips and turns of an image that its prediction is averaged over: 1, 2, 4 or 8. Default: 1.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<double> _validationFraction = new("--validation-fraction")
    {
        Description = "Share of the training patches, whole slides of them, to choose the best epochs by, instead of the folders val (masks) or, without it, held-out (labels). Default: 0.",
    };

    private readonly Option<int?> _patience = CommonOptions.Count("--patience", "Epochs without a better validation score after which a stage stops. Default: none.");
    private readonly Option<DirectoryInfo?> _checkpoint = new("--checkpoint") { Description = "Folder that the run is kept in: stopped or killed, the same command goes on from there." };
    private readonly Option<DirectoryInfo?> _log = new("--log") { Description = "Folder for JSON-lines and TensorBoard logs." };
    private readonly Option<FileInfo?> _classifierWeights = new("--classifier-weights") { Description = "Weights to start the patch classifier from: safetensors, .pth, MXNet .params, .onnx." };
    private readonly Option<FileInfo?> _segmenterWeights = new("--segmenter-weights") { Description = "Weights to start the segmenter, or its encoder alone, from: safetensors, .pth, .onnx." };
    private readonly Option<bool> _newHeads = new("--new-heads") { Description = "Start the last layers anew, whatever the weight files hold." };
    private readonly Option<string[]> _layers = new("--layers")
    {
        Description = "Layers that pseudo masks are made from, shallowest first. Default: layer3 layer4_0 layer4_2 of ResNet-18, b4_5 b5_2 bn7 of ResNet-38.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<double[]> _maskWeights = new("--mask-weights")
    {
        Description = "How much each layer's pseudo mask counts in the loss, one value for each layer. Default: 0.2 0.2 0.6; with pretrained weights all layers make one mask, unless this is given.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _seed = CommonOptions.Seed();

    public void AddTo(Command command)
    {
        _layers.AcceptOnlyFromAmong([.. Enum.GetValues<ActivationLayer>().Select(layer => layer.Name())]);
        Option[] all =
        [
            _start, _classifierEpochs, _segmenterEpochs, _width, _backbone, _outputStride, _recipe, _batchSize, _classifierRate, _segmenterRate, _decay, _warmUpEpochs, _nesterov,
            _loss, _weighClasses, _freezeBatchNorm, _stainJitter, _stains, _stainReference, _views, _validationFraction, _patience, _checkpoint, _log, _classifierWeights, _segmenterWeights, _newHeads, _layers, _maskWeights, _seed,
        ];
        foreach (var option in all)
        {
            command.Add(option);
        }

        CommonOptions.Need(command, _newHeads, _classifierWeights, _segmenterWeights);
    }

    public TrainingSettings Read(ParseResult parsed) => new TrainingSettings
    {
        Seed = parsed.GetValue(_seed),
        Recipe = parsed.GetValue(_recipe),
        Start = parsed.GetValue(_start),
        Width = parsed.GetValue(_width),
        Backbone = parsed.GetValue(_backbone),
        OutputStride = parsed.GetValue(_outputStride),
        ClassifierEpochs = parsed.GetValue(_classifierEpochs),
        SegmenterEpochs = parsed.GetValue(_segmenterEpochs),
        BatchSize = parsed.GetValue(_batchSize),
        ClassifierRate = parsed.GetValue(_classifierRate),
        SegmenterRate = parsed.GetValue(_segmenterRate),
        Decay = parsed.GetValue(_decay),
        WarmUpEpochs = parsed.GetValue(_warmUpEpochs),
        Nesterov = parsed.GetValue(_nesterov),
        Loss = parsed.GetValue(_loss),
        WeighClasses = parsed.GetValue(_weighClasses),
        FreezeBatchNorm = parsed.GetValue(_freezeBatchNorm),
        StainJitter = parsed.GetValue(_stainJitter),
        Stains = parsed.GetValue(_stains),
        StainReference = StainReference(parsed),
        Views = parsed.GetValue(_views),
        ValidationFraction = parsed.GetValue(_validationFraction),
        Patience = parsed.GetValue(_patience),
        CheckpointDirectory = parsed.GetValue(_checkpoint)?.FullName,
        LogDirectory = parsed.GetValue(_log)?.FullName,
        ClassifierWeights = WeightsFile.Check(parsed.GetValue(_classifierWeights)),
        SegmenterWeights = WeightsFile.Check(parsed.GetValue(_segmenterWeights)),
        NewHeads = parsed.GetValue(_newHeads),
        Layers = parsed.GetValue(_layers) is { Length: > 0 } names ? [.. names.Select(Layer)] : null,
        MaskWeights = parsed.GetValue(_maskWeights) is { Length: > 0 } weights ? weights : null,
    }.Checked();

    private string? StainReference(ParseResult parsed) =>
        parsed.GetValue(_stainReference) is not { } file ? null
        : parsed.GetValue(_stains) is not null ? file.FullName
        : throw new ArgumentException("--stain-reference is the image whose stains --stains gives; give --stains macenko or --stains reinhard too.");

    private static ActivationLayer Layer(string name) => Array.Find(Enum.GetValues<ActivationLayer>(), layer => layer.Name() == name);
}
