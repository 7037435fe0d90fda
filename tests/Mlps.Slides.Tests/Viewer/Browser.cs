using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

/// <summary>A page in Chromium without a window, driven through its debugging port.</summary>
internal sealed class Browser : IDisposable
{
    private const string Program = "chromium";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _profile = new();
    private readonly CancellationTokenSource _end = new(_limit);
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private int _messages;

    private Browser(int width, int height)
    {
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--remote-debugging-port=0",
            $"--window-size={width},{height}", $"--user-data-dir={_profile.Path}", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    /// <summary>What the page complained about: exceptions, errors and warnings on the console, files that could not be loaded.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Opens a file.</summary>
    public static async Task<Browser> OpenAsync(string path, int width = 1280, int height = 800)
    {
        var browser = new Browser(width, height);
        try
        {
            await browser.ConnectAsync();
            foreach (var domain in (string[])["Runtime", "Log", "Page", "Network"])
            {
                await browser.SendAsync(domain + ".enable", []);
            }

            await browser.SendAsync("Page.navigate", new() { ["url"] = new Uri(path).AbsoluteUri });
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>The value of an expression.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var result = await SendAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(result["exceptionDetails"] is null, result.ToJsonString());
        return result["result"]!["value"];
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitForAsync(string expression)
    {
        for (var round = 0; round < 150; round++)
        {
            if ((await SendAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true }))["result"]!["value"] is JsonValue value && value.TryGetValue(out bool isTrue) && isTrue)
            {
                return;
            }

            await Task.Delay(100, _end.Token);
        }

        Assert.Fail($"'{expression}' did not become true. {string.Join(' ', Complaints)}");
    }

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(string key)
    {
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyDown", ["key"] = key });
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key });
    }

    /// <summary>Draws the page as if the system were dark or light.</summary>
    public Task PreferAsync(string scheme) =>
        SendAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });

    /// <summary>The page as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync()
    {
        // Two frames: what was changed last is drawn.
        await EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(1), 300))))");
        return Convert.FromBase64String((string)(await SendAsync("Page.captureScreenshot", new() { ["format"] = "png" }))["data"]!);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _socket.Dispose();
        _end.Dispose();
        try
        {
            _profile.Dispose();
        }
        catch (IOException)
        {
            // Its last helper is still writing.
        }
    }

    private async Task ConnectAsync()
    {
        const string Mark = "DevTools listening on ws://";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(_end.Token) ?? throw new InvalidOperationException("Chromium ended early.");
        }
        while (!line.Contains(Mark, StringComparison.Ordinal));

        _ = _process.StandardError.ReadToEndAsync();
        var address = line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Split('/')[0];
        using var http = new HttpClient();
        var pages = await http.GetFromJsonAsync<JsonArray>($"http://{address}/json/list", _end.Token);
        var page = pages!.First(page => (string)page!["type"]! == "page")!;
        await _socket.ConnectAsync(new Uri((string)page["webSocketDebuggerUrl"]!), _end.Token);
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        var id = ++_messages;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }), WebSocketMessageType.Text, endOfMessage: true, _end.Token);
        while (true)
        {
            var message = await ReceiveAsync();
            if (message["id"] is { } answered && (int)answered == id)
            {
                Assert.True(message["error"] is null, message.ToJsonString());
                return message["result"]!;
            }

            Note(message);
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var part = new byte[1 << 16];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(part.AsMemory(), _end.Token);
            message.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonNode.Parse(message.ToArray())!;
    }

    private void Note(JsonNode message)
    {
        var parameters = message["params"];
        var isComplaint = (string?)message["method"] switch
        {
            "Runtime.exceptionThrown" => true,
            "Runtime.consoleAPICalled" => (string?)parameters!["type"] is "error" or "warning" or "assert",
            "Log.entryAdded" => (string?)parameters!["entry"]!["level"] is "error" or "warning",
            "Network.loadingFailed" => (bool?)parameters!["canceled"] != true,
            _ => false,
        };
        if (isComplaint)
        {
            Complaints.Add(string.Create(CultureInfo.InvariantCulture, $"{message["method"]}: {parameters!.ToJsonString()}"));
        }
    }
}
