using System.Buffers;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Mlps.Onnx.Model;
using Mlps.Torch;
using Mlps.Torch.Inference;

namespace Mlps.Onnx.Scoring;

/// <summary>A graph with one input and one output in ONNX Runtime; safe to use from several threads.</summary>
internal sealed class GraphSession : IDisposable
{
    private static readonly string[] _inputs = [OnnxProperties.Image];

    private readonly InferenceSession _session;
    private readonly string[] _outputs;
    private readonly bool _takesBytes;

    /// <param name="model">The exported file.</param>
    /// <param name="output">The value to compute.</param>
    /// <param name="options">Threads and more.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot run the graph.</exception>
    /// <exception cref="DllNotFoundException">The application has no native library of ONNX Runtime.</exception>
    public GraphSession(OnnxModel model, string output, OnnxSegmenterOptions options, string name)
    {
        (_outputs, _takesBytes) = ([output], model.TakesBytes);
        try
        {
            using var settings = new SessionOptions { IntraOpNumThreads = options.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };

            // Classifier and segmenter have threads of their own: those of one must not go on waiting for work on the cores that the other computes on.
            settings.AddSessionConfigEntry("session.force_spinning_stop", "1");
            options.ConfigureSession?.Invoke(settings);
            _session = new InferenceSession(model.Part(output), settings);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new InvalidDataException($"{name} cannot be used: ONNX Runtime does not take its graph ({ShortText.OfMessage(exception.Message.ReplaceLineEndings(" "))}).", exception);
        }
        catch (Exception exception) when (exception.GetBaseException() is DllNotFoundException or EntryPointNotFoundException)
        {
            throw NoLibrary(exception);
        }
    }

    /// <summary>Runs the graph on the windows of a call.</summary>
    /// <param name="image">The image.</param>
    /// <param name="call">The windows.</param>
    /// <param name="take">Takes the output for each window.</param>
    public void Run(RgbPlanes image, WindowCall call, WindowOutput take)
    {
        if (_takesBytes)
        {
            Run<byte>(image, call, take);
        }
        else
        {
            Run<float>(image, call, take);
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>What to do where the native library is missing.</summary>
    internal static DllNotFoundException NoLibrary(Exception cause) =>
        new($"ONNX Runtime's native library cannot be loaded; add the package Microsoft.ML.OnnxRuntime (CPU) or Microsoft.ML.OnnxRuntime.Gpu to the application. {cause.GetBaseException().Message}", cause);

    private void Run<T>(RgbPlanes image, WindowCall call, WindowOutput take)
        where T : unmanaged, INumberBase<T>
    {
        var (height, width) = call.Shape;
        var (count, length) = (call.Windows.Count, 3 * height * width);
        var pixels = ArrayPool<T>.Shared.Rent(count * length);
        try
        {
            for (var i = 0; i < count; i++)
            {
                image.Cut(call.Windows[i].Window, pixels.AsSpan(i * length, length));
            }

            using var run = new RunOptions();
            using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, count * length), [count, 3, height, width]);
            using var results = _session.Run(run, _inputs, [input], _outputs);
            var values = results[0].GetTensorDataAsSpan<float>();
            for (var i = 0; i < count; i++)
            {
                take(i, values.Slice(i * (values.Length / count), values.Length / count));
            }
        }
        finally
        {
            ArrayPool<T>.Shared.Return(pixels);
        }
    }
}
