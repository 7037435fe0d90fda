// DATASET CHECKPOINTS
// Trains a tiny chain, with a checkpoint every few milliseconds, and prints a line for each stage: its name and a digest of its weights.
using System.Security.Cryptography;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Torch.Networks;
using Mlps.Torch.Runtime;
using Mlps.Torch.Weights;
using TorchSharp;

LibTorch.EnsureLoaded();
var ml = new MLContext(seed: 7);
var dataset = TissueDataset.Open(args[0]);
var interval = TimeSpan.FromMilliseconds(20);
var classifier = new PatchClassifierOptions
{
    Width = 1.0 / 32,
    Training = new() { Epochs = 8, BatchSize = 5, Attention = new() { FirstEpoch = 1 } },
    Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation), CheckpointDirectory = args[1], CheckpointInterval = interval },
};
var segmenter = new GatedSegmenterOptions
{
    Architecture = new() { Backbone = BackboneKind.Compact, Width = 0.125 },
    Training = new() { Epochs = 8, BatchSize = 5 },
    Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation), CheckpointDirectory = args[1], CheckpointInterval = interval },
};
var chain = ml.TissueSegmentation.PatchClassifier(dataset.Classes, classifier)
    .Append(ml.TissueSegmentation.PseudoMasks(dataset.Classes))
    .Append(ml.TissueSegmentation.GatedSegmenter(dataset.Classes, segmenter));
using var model = chain.Fit(dataset.Load(ml, DatasetSplit.Train));
Print("classifier", ((IEnumerable<ITransformer>)model).OfType<PatchClassifierTransformer>().Single().Classifier.Network);
Print("segmenter", model.LastTransformer.Segmenter.Network);

static void Print(string name, torch.nn.Module network)
{
    using var bytes = new MemoryStream();
    SafetensorsWriter.Write(bytes, network.state_dict().Select(weight => (weight.Key, weight.Value)));
    Console.WriteLine($"{name} {Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))}");
}
