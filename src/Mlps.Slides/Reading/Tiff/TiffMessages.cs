using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides;

/// <summary>What LibTiff says of a file, kept for messages instead of written to the console.</summary>
/// <remarks>LibTiff has one handler for the process: what others make it say goes where it went before.</remarks>
internal sealed class TiffMessages : TiffErrorHandler
{
    [ThreadStatic]
    private static List<string>? _heard;

    private static readonly Lazy<TiffMessages> _instance = new(Install);

    private TiffErrorHandler? _before;

    /// <summary>Listens on this thread until the listener is disposed.</summary>
    public static Listener Listen()
    {
        _ = _instance.Value;
        return new Listener(_heard);
    }

    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) => Hear(method, format, args, () => _before?.ErrorHandler(tif, method, format, args), isError: true);

    public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (_heard is null)
        {
            _before?.ErrorHandlerExt(tif, clientData, method, format, args);
        }
    }

    public override void WarningHandler(Tiff tif, string method, string format, params object[] args) => Hear(method, format, args, () => _before?.WarningHandler(tif, method, format, args), isError: false);

    public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (_heard is null)
        {
            _before?.WarningHandlerExt(tif, clientData, method, format, args);
        }
    }

    private static void Hear(string method, string format, object[] args, Action before, bool isError)
    {
        if (_heard is null)
        {
            before();
        }
        else if (isError)
        {
            _heard.Add(Mlps.Torch.ShortText.OfMessage($"{method}: {string.Format(CultureInfo.InvariantCulture, format, args)}"));
        }
    }

    private static TiffMessages Install()
    {
        var handler = new TiffMessages();
        handler._before = Tiff.SetErrorHandler(handler);
        return handler;
    }

    /// <summary>Keeps what is said on a thread.</summary>
    internal readonly struct Listener : IDisposable
    {
        private readonly List<string>? _outer;
        private readonly List<string> _mine = [];

        public Listener(List<string>? outer)
        {
            _outer = outer;
            _heard = _mine;
        }

        /// <summary>The first thing that was said, as the end of a sentence; empty where nothing was.</summary>
        public string First => _mine is [var first, ..] ? $" ({first.TrimEnd('.')})" : string.Empty;

        public void Dispose() => _heard = _outer;
    }
}
