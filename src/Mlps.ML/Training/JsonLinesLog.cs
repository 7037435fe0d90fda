using System.Text.Json;
using System.Text.Json.Serialization;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>A file with one JSON object a line for every report of a training.</summary>
internal sealed class JsonLinesLog : IProgress<TrainingProgress>, IDisposable
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly StreamWriter _file;

    /// <summary>Makes the file anew: a run that goes on from a checkpoint reports its earlier epochs again.</summary>
    public JsonLinesLog(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _file = new StreamWriter(path, append: false);
    }

    public void Report(TrainingProgress value)
    {
        if (value.Reading)
        {
            return;
        }

        _file.WriteLine(JsonSerializer.Serialize(value, _json));
        if (value.EpochEnded)
        {
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}
