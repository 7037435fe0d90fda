using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using Mlps.Torch.Serialization;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>A file with one JSON object a line for every report of a training.</summary>
internal sealed class JsonLinesLog : IProgress<TrainingProgress>, IDisposable
{
    /// <summary>How a report is written.</summary>
    internal static readonly JsonSerializerOptions Json = JsonContracts.Complete(
        new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals },
        enumNames: true);

    private readonly string _path;
    private readonly LossyLog _log;
    private StreamWriter? _file;

    /// <summary>
    /// The file is made anew with the first report, and not before: a run that is refused must leave the log of another, and one that goes on from a checkpoint reports its earlier epochs again.
    /// </summary>
    public JsonLinesLog(IHostEnvironment environment, string path) => (_path, _log) = (Path.GetFullPath(path), new LossyLog(environment, path));

    public void Report(TrainingProgress value)
    {
        if (!value.Reading)
        {
            _log.Write(() => Append(value));
        }
    }

    public void Dispose() => _log.Write(() => _file?.Dispose());

    private void Append(TrainingProgress value)
    {
        _file ??= Open();
        _file.WriteLine(JsonSerializer.Serialize(value, JsonContracts.Get<TrainingProgress>(Json)));
        if (value.EpochEnded)
        {
            _file.Flush();
        }
    }

    private StreamWriter Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        return new StreamWriter(_path, append: false);
    }
}
