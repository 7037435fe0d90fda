using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Mlps.Label.Tests.Browser;

/// <summary>A Chromium without a window, driven by its DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private string? _session;
    private int _calls;

    private Chromium(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>The browser's program; null where the machine has none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(_ => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine)
        .FirstOrDefault(File.Exists);

    /// <summary>Where pictures of the page are written: the environment variable MLPS_SCREENSHOTS; null for none.</summary>
    public static string? PictureFolder { get; } = Environment.GetEnvironmentVariable("MLPS_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    /// <summary>What the page wrote to its console, and errors of its scripts.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Starts a browser with one page.</summary>
    public static async Task<Chromium> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("mlps-browser-").FullName;
        var start = new ProcessStartInfo(Program!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--window-size=1280,800", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var browser = new Chromium(Process.Start(start)!, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an address.</summary>
    public Task OpenAsync(Uri address) => CallAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri });

    /// <summary>Presses a key: <c>Enter</c>, <c>Backspace</c>, or a letter or digit.</summary>
    public async Task PressAsync(string key)
    {
        var (code, number, text) = key switch
        {
            "Enter" => ("Enter", 13, "\r"),
            "Backspace" => ("Backspace", 8, string.Empty),
            "Tab" => ("Tab", 9, string.Empty),
            "Escape" => ("Escape", 27, string.Empty),
            "[" => ("BracketLeft", 219, key),
            "]" => ("BracketRight", 221, key),
            "+" => ("Equal", 187, key),
            [>= '0' and <= '9'] => ($"Digit{key}", key[0], key),
            _ => ($"Key{key.ToUpperInvariant()}", char.ToUpperInvariant(key[0]), key),
        };
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            await CallAsync("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = key, ["code"] = code, ["windowsVirtualKeyCode"] = number, ["text"] = type == "keyDown" ? text : string.Empty });
        }
    }

    /// <summary>Types text into what has the focus.</summary>
    public Task TypeAsync(string text) => CallAsync("Input.insertText", new() { ["text"] = text });

    /// <summary>Presses the mouse's button at a place of the page and releases it.</summary>
    public Task ClickAsync((double X, double Y) place) => DragAsync(place);

    /// <summary>Presses the mouse's button at the first place, moves it to the others, and releases it at the last.</summary>
    public async Task DragAsync(params (double X, double Y)[] places)
    {
        await MouseAsync("mouseMoved", places[0], isDown: false);
        await MouseAsync("mousePressed", places[0], isDown: true);
        foreach (var place in places.Skip(1))
        {
            await MouseAsync("mouseMoved", place, isDown: true);
        }

        await MouseAsync("mouseReleased", places[^1], isDown: false);
    }

    /// <summary>Puts fingers on the page, moves them through places, and takes them away; each row is where the fingers are at a time.</summary>
    public async Task TouchAsync(params (double X, double Y)[][] places)
    {
        foreach (var (step, fingers) in places.Index())
        {
            await CallAsync("Input.dispatchTouchEvent", new()
            {
                ["type"] = step == 0 ? "touchStart" : "touchMove",
                ["touchPoints"] = new JsonArray([.. fingers.Index().Select(finger => new JsonObject { ["x"] = finger.Item.X, ["y"] = finger.Item.Y, ["id"] = finger.Index })]),
            });
        }

        await CallAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchEnd", ["touchPoints"] = new JsonArray() });
    }

    /// <summary>The value of an expression in the page, as text.</summary>
    public async Task<string> ValueAsync(string expression) =>
        (await CallAsync("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["returnByValue"] = true }))["result"]!["value"]?.GetValue<string>() ?? string.Empty;

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task WaitAsync(string expression)
    {
        var started = Stopwatch.GetTimestamp();
        while (await ValueAsync($"Boolean({expression})") != "true")
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < _limit, $"The page never became so: {expression}. It shows: {await ValueAsync("document.body.innerText")}\n{string.Join('\n', Complaints)}");
            await Task.Delay(_pause);
        }
    }

    /// <summary>Writes a picture of the page, where <see cref="PictureFolder"/> is set.</summary>
    public async Task PictureAsync(string name)
    {
        if (PictureFolder is { } folder)
        {
            var picture = await CallAsync("Page.captureScreenshot", new() { ["format"] = "png" });
            await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}.png"), Convert.FromBase64String((string)picture["data"]!));
        }
    }

    /// <summary>Makes the page as large as a device, dark or light.</summary>
    public async Task ResizeAsync(int width, int height, bool isDark)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await CallAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }) });
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private Task<JsonNode> MouseAsync(string type, (double X, double Y) place, bool isDown) => CallAsync("Input.dispatchMouseEvent", new()
    {
        ["type"] = type,
        ["x"] = place.X,
        ["y"] = place.Y,
        ["button"] = type == "mouseMoved" && !isDown ? "none" : "left",
        ["buttons"] = isDown ? 1 : 0,
        ["clickCount"] = 1,
    });

    private async Task ConnectAsync()
    {
        const string Announcement = "DevTools listening on ";
        using var limit = new CancellationTokenSource(_limit);
        string line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("Chromium ended before it listened.");
        }
        while (!line.StartsWith(Announcement, StringComparison.Ordinal));

        // What it goes on to say is nobody's concern, but must not fill the pipe.
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        await _socket.ConnectAsync(new Uri(line[Announcement.Length..]), limit.Token);
        var target = (string)(await CallAsync("Target.createTarget", new() { ["url"] = "about:blank" }))["targetId"]!;
        _session = (string)(await CallAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        await CallAsync("Page.enable");
        await CallAsync("Runtime.enable");
        await CallAsync("Log.enable");
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject? parameters = null)
    {
        using var limit = new CancellationTokenSource(_limit);
        await SendAsync(new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters ?? [] }, limit.Token);
        while (true)
        {
            var message = await ReceiveAsync(limit.Token);
            if ((int?)message["id"] == _calls)
            {
                return message["result"] ?? throw new InvalidOperationException($"{method}: {message["error"]?.ToJsonString()}");
            }

            if ((string?)message["method"] == "Page.javascriptDialogOpening")
            {
                // A page that asks whether it may be left: it may. The call that left it goes on then.
                await SendAsync(new JsonObject { ["id"] = 0, ["method"] = "Page.handleJavaScriptDialog", ["params"] = new JsonObject { ["accept"] = true } }, limit.Token);
            }

            if ((string?)message["method"] is "Runtime.exceptionThrown" or "Runtime.consoleAPICalled" or "Log.entryAdded")
            {
                Complaints.Add(string.Create(CultureInfo.InvariantCulture, $"{message["method"]}: {message["params"]?.ToJsonString()}"));
            }
        }
    }

    private async Task SendAsync(JsonObject call, CancellationToken stop)
    {
        if (_session is not null)
        {
            call["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, stop);
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken stop)
    {
        using var text = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, stop);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return JsonNode.Parse(text.ToArray(), documentOptions: new JsonDocumentOptions())!;
    }
}
