using System.CommandLine;
using Mlps.Cli.Training;
using Mlps.ML;

namespace Mlps.Cli.Commands;

/// <summary><c>train</c>: all three stages on a dataset.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var model = CommonOptions.Model();
        var output = CommonOptions.Output("training");
        var skip = new Option<bool>("--skip-damaged") { Description = "Leave out images and masks that cannot be read, instead of stopping at the first." };
        var sources = new Option<string?>("--source-pattern") { Description = "How file names tell of slides, which --validation-fraction keeps whole: a regular expression with a group named source, such as '^(?<source>[^_]+)_'. Default: as dataset.json says, or by the names that common tools give to patches." };
        var microns = new Option<double?>("--mpp") { Description = "The size of the patches' pixels in µm, kept with the model: whole slides are read at it. Default: micronsPerPixel in dataset.json, where it is there." };
        var together = new Option<RankChoice>("--ranks") { Description = "Processes that train together, each on its share of every batch: mpi for those that mpirun or srun started, exchanging by Open MPI. Default: none, this process trains alone." };
        var training = new TrainingChoices();
        var command = new Command("train", "Trains the three stages on a dataset and writes the model.") { data, model, output, skip, sources, microns, together };
        training.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(model).FullName;
            var settings = training.Read(parsed);
            using var job = RankJob.Start(parsed.GetValue(together));
            if (job.Writes)
            {
                ModelFile.CheckWritable(path);
                ModelFile.CheckOutput(parsed.GetRequiredValue(output).FullName);
            }

            var dataset = TissueDataset.Open(parsed.GetRequiredValue(data).FullName, new TissueDatasetOptions { SourcePattern = parsed.GetValue(sources), MicronsPerPixel = parsed.GetValue(microns) });
            using var run = TrainingRun.Start(dataset, parsed.GetValue(skip) ? DamagedImages.Skip : DamagedImages.Fail, settings, path, stop, job);
            var isInPlace = !job.Writes || run.Save(path, parsed.GetRequiredValue(output).FullName);
            job.End();
            return Task.FromResult(isInPlace ? ExitCode.Success : ExitCode.Elsewhere);
        });
        return command;
    }
}
