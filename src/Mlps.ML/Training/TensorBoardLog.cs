using Microsoft.ML.Runtime;
using Mlps.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Mlps.ML;

/// <summary>TensorBoard's event files: losses, rates and scores, and pictures of predictions.</summary>
internal sealed class TensorBoardLog : IProgress<TrainingProgress>
{
    private readonly LossyLog _log;
    private SummaryWriter? _writer;

    /// <exception cref="IOException">The folder cannot be made: a fault of the options, told before anything is trained.</exception>
    public TensorBoardLog(IHostEnvironment environment, string folder)
    {
        Directory.CreateDirectory(folder);
        _log = new LossyLog(environment, folder);
        _log.Write(() => _writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false));
    }

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            _log.Write(() => Scalars(value));
        }
    }

    /// <summary>Adds a picture.</summary>
    public void Add(string tag, RgbImage picture, int epoch) => _log.Write(() =>
    {
        using var pixels = torch.tensor(picture.Pixels.ToArray(), [picture.Height, picture.Width, 3], device: torch.CPU);
        _writer!.add_img(tag, pixels, epoch, dataformats: "HWC");
    });

    private void Scalars(TrainingProgress value)
    {
        Add("loss", value.Loss);
        Add("learningRate", value.LearningRate);
        Add("patchesPerSecond", value.PatchesPerSecond);
        foreach (var (name, score) in value.Scores)
        {
            Add("scores/" + name, score);
        }

        void Add(string tag, double number) => _writer!.add_scalar(tag, (float)number, value.Epoch);
    }
}
