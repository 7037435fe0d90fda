using Mlps.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Mlps.ML;

/// <summary>TensorBoard's event files: losses, rates and scores, and pictures of predictions.</summary>
internal sealed class TensorBoardLog : IProgress<TrainingProgress>
{
    private readonly SummaryWriter _writer;

    public TensorBoardLog(string folder)
    {
        Directory.CreateDirectory(folder);
        _writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
    }

    public void Report(TrainingProgress value)
    {
        if (!value.EpochEnded)
        {
            return;
        }

        Add("loss", value.Loss);
        Add("learningRate", value.LearningRate);
        Add("patchesPerSecond", value.PatchesPerSecond);
        foreach (var (name, score) in value.Scores)
        {
            Add("scores/" + name, score);
        }

        void Add(string tag, double number) => _writer.add_scalar(tag, (float)number, value.Epoch);
    }

    /// <summary>Adds a picture.</summary>
    public void Add(string tag, RgbImage picture, int epoch)
    {
        using var pixels = torch.tensor(picture.Pixels.ToArray(), [picture.Height, picture.Width, 3], device: torch.CPU);
        _writer.add_img(tag, pixels, epoch, dataformats: "HWC");
    }
}
