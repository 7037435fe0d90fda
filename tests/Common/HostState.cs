using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Testing;

/// <summary>A state that a host may have put TorchSharp into; disposing takes it back. Default type and device belong to the process, so that nothing else may run beside.</summary>
internal sealed class HostState : IDisposable
{
    /// <summary>Each by its name.</summary>
    private static readonly Dictionary<string, Func<IDisposable>> _states = new()
    {
        ["no_grad"] = () => no_grad(),
        ["set_grad_enabled(false)"] = () => set_grad_enabled(false),
        ["enable_grad"] = () => enable_grad(),
        ["inference_mode"] = () => inference_mode(),
        ["inference_mode, then inference_mode(false), no_grad"] = () => new Both(new Both(inference_mode(), inference_mode(false)), no_grad()),
        ["default type float64"] = () => new DefaultType(ScalarType.Float64),
        ["default type bfloat16"] = () => new DefaultType(ScalarType.BFloat16),
        ["default device meta"] = () => new DefaultDevice(new Device(DeviceType.META)),
        ["everything at once"] = () => new Both(new Both(inference_mode(), new DefaultType(ScalarType.Float64)), new DefaultDevice(new Device(DeviceType.META))),
        ["another thread draws and seeds"] = () => new OtherThread(),
        ["a dispose scope"] = () => NewDisposeScope(),
    };

    private readonly IDisposable _state;
    private readonly string _before;
    private readonly bool _drawsMeanwhile;

    private HostState(string name)
    {
        _drawsMeanwhile = name.StartsWith("another thread", StringComparison.Ordinal);
        _state = _states[name]();
        _before = Describe();
    }

    /// <summary>The names of all states.</summary>
    public static IEnumerable<string> Names => _states.Keys;

    /// <summary>Puts TorchSharp into a state.</summary>
    public static HostState Enter(string name) => new(name);

    /// <summary>What has changed of the state since it was entered, in words; empty where nothing has.</summary>
    public string Changes()
    {
        var now = Describe();
        return now == _before ? string.Empty : $"it was {_before} and is {now}";
    }

    public void Dispose() => _state.Dispose();

    private string Describe()
    {
        using var scope = NewDisposeScope();
        using var generator = Generator.Default;
        var drawn = _drawsMeanwhile ? "drawn from" : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(generator.get_state().bytes))[..8];
        return $"gradients {is_grad_enabled()}, inference {is_inference_mode_enabled()}, type {get_default_dtype()}, device {get_default_device()}, generator {drawn}, TensorFloat32 {backends.cuda.matmul.allow_tf32} {backends.cudnn.allow_tf32}";
    }

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            second.Dispose();
            first.Dispose();
        }
    }

    private sealed class DefaultType : IDisposable
    {
        private readonly ScalarType _before = get_default_dtype();

        public DefaultType(ScalarType type) => set_default_dtype(type);

        public void Dispose() => set_default_dtype(_before);
    }

    private sealed class DefaultDevice : IDisposable
    {
        private readonly Device _before = get_default_device();

        public DefaultDevice(Device device) => set_default_device(device);

        public void Dispose() => set_default_device(_before);
    }

    /// <summary>A thread of the host's that goes on drawing from the process's generator, and seeds it now and then.</summary>
    private sealed class OtherThread : IDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _drawing;

        public OtherThread()
        {
            using var drawn = new ManualResetEventSlim();
            _drawing = Task.Factory.StartNew(() => Draw(drawn), _end.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            drawn.Wait();
        }

        public void Dispose()
        {
            _end.Cancel();
            _drawing.Wait();
            _end.Dispose();
        }

        private void Draw(ManualResetEventSlim drawn)
        {
            for (var round = 0; !_end.IsCancellationRequested; round++)
            {
                using (rand(64, device: CPU))
                using (round % 5 == 0 ? manual_seed(round) : null)
                {
                    if (round == 0)
                    {
                        drawn.Set();
                    }
                }
            }
        }
    }
}
