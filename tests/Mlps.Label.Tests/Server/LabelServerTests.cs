using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Server;

/// <summary>The page's server: what it answers, and whom it refuses.</summary>
public sealed class LabelServerTests : IAsyncLifetime, IDisposable
{
    private const string Script = "x <script>alert('1')<!-- \"&.png";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private LabelFolder _labels = null!;
    private LabelServer _server = null!;
    private string _token = null!;

    public async Task InitializeAsync()
    {
        var patches = PatchList.Open(PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png", "b_x0_y0.png", Script), _folder.Combine("labels"), null, CancellationToken.None);
        _labels = LabelFolder.Open(_folder.Combine("labels"), Classes);
        _server = await LabelServer.StartAsync(new LabelSession(patches, _labels, seed: 1), new Surroundings(new Dictionary<string, PatchPlace>()), hasModel: false, IPAddress.Loopback, port: 0, CancellationToken.None);
        _token = _server.Address.Query.Split('=')[1];
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _labels.Dispose();
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Answers_AreOnDiskBeforeTheNextPatch_AndUndone()
    {
        var first = await JsonAsync("/api/next?person=Anna&count=9");
        Assert.Equal((0, 4, 4), (first.GetProperty("done").GetInt32(), first.GetProperty("total").GetInt32(), first.GetProperty("next").GetArrayLength()));
        var order = first.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()).ToArray();
        Assert.Contains(Script, first.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("name").GetString()));

        var second = await PostAsync("/api/answer", $$"""{"person": "Anna", "index": {{order[0]}}, "tissues": [0, 2], "seconds": 1.5}""");

        Assert.Equal(order[1..], second.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()));
        var file = _folder.Combine("labels", PersonName.FileName("Anna"));
        await using (var reading = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            using var reader = new StreamReader(reading);
            Assert.Contains("\"tissues\":[\"tumor\",\"lymphocyte\"]", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await PostAsync("/api/answer", $$"""{"person": "Anna", "index": {{order[1]}}, "cannotSay": true}""");
        var history = await JsonAsync("/api/history?person=ANNA&count=9");
        Assert.Equal(order[..2], history.GetProperty("patches").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()));
        var undone = await PostAsync("/api/undo", """{"person": "Anna"}""");
        Assert.Equal(order[1], undone.GetProperty("patch").GetProperty("index").GetInt32());
        Assert.Equal(order[1], undone.GetProperty("state").GetProperty("next")[0].GetProperty("index").GetInt32());
        Assert.Equal(1, undone.GetProperty("state").GetProperty("done").GetInt32());
        Assert.Equal(Pixel, await _http.GetByteArrayAsync(Uri($"/patch/{order[0]}?token={_token}")));
    }

    [Fact]
    public async Task Comparison_OfTwoPeople_HasAgreementAndTheirDisagreements()
    {
        foreach (var (person, tissues) in new[] { ("Anna", "[0]"), ("Ben", "[1]") })
        {
            await PostAsync("/api/answer", $$"""{"person": "{{person}}", "index": 0, "tissues": {{tissues}}}""");
            await PostAsync("/api/answer", $$"""{"person": "{{person}}", "index": 1, "tissues": [0]}""");
        }

        var comparison = await JsonAsync("/api/comparison");

        var disagreement = Assert.Single(comparison.GetProperty("disagreements").EnumerateArray());
        Assert.Equal(0, disagreement.GetProperty("index").GetInt32());
        Assert.Equal(3, comparison.GetProperty("agreement").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, comparison.GetProperty("agreement")[2].GetProperty("kappa").ValueKind);
    }

    [Theory]
    [InlineData("/", null, null, null)]
    [InlineData("/", "wrong", null, null)]
    [InlineData("/label.js", null, null, null)]
    [InlineData("/api/folder", null, null, null)]
    [InlineData("/patch/0", "", null, null)]
    [InlineData("/", "right", "evil.example", null)]
    [InlineData("/", "right", "127.0.0.1", null)]
    [InlineData("/", "right", "127.0.0.1.evil.example:port", null)]
    [InlineData("/", "right", "10.0.0.1:port", null)]
    [InlineData("/api/folder", "right", null, "http://evil.example")]
    [InlineData("/api/folder", "right", null, "http://localhost:1")]
    [InlineData("/api/folder", "right", null, "null")]
    public async Task Requests_WithoutTokenOrFromElsewhere_AreRefused(string path, string? token, string? host, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri(token is null ? path : $"{path}?token={(token == "right" ? _token : token)}"));
        request.Headers.Host = host?.Replace("port", $"{_server.Address.Port}", StringComparison.Ordinal);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain(_token, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Page_WithToken_IsThereAndTakesNothingFromElsewhere(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _server.Address);
        request.Headers.Host = $"{host}:{_server.Address.Port}";
        request.Headers.Add("Origin", $"http://{host}:{_server.Address.Port}");

        using var response = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.False(response.Headers.Contains("Server"));
        Assert.DoesNotContain("{{token}}", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    public async Task Page_ServedToTheNetwork_IsOnlyForNumbersAndItsOwnName(string host, HttpStatusCode expected)
    {
        await using var open = await LabelServer.StartAsync(new LabelSession(PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None), _labels, seed: 1), new Surroundings(new Dictionary<string, PatchPlace>()), hasModel: false, IPAddress.Any, port: 0, CancellationToken.None);
        Assert.Equal(Dns.GetHostName(), open.Address.Host, ignoreCase: true);
        Assert.NotEqual(_server.Address.Query, open.Address.Query);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{open.Address.Port}/{open.Address.Query}"));
        request.Headers.Host = $"{host}:{open.Address.Port}";

        using var response = await _http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Start_AtAPortThatIsTaken_SaysWhatToDo() => Assert.Contains("--port", (await Assert.ThrowsAsync<Mlps.ML.TissueDataException>(() => LabelServer.StartAsync(
        new LabelSession(PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), null, CancellationToken.None), _labels, seed: 1), new Surroundings(new Dictionary<string, PatchPlace>()), hasModel: false, IPAddress.Loopback, _server.Address.Port, CancellationToken.None))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/patch/4")]
    [InlineData("/patch/-1")]
    [InlineData("/patch/0x1")]
    [InlineData("/patch/..%2F..%2Fetc%2Fpasswd")]
    [InlineData("/patch/a_x0_y0.png")]
    [InlineData("/patch/99999999999999999999")]
    [InlineData("/labels/classes.json")]
    [InlineData("/api/guess/77")]
    public async Task Requests_ForWhatIsNoPatch_FindNothing(string path)
    {
        using var response = await _http.GetAsync(Uri($"{path}?token={_token}"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"person": "Anna", "index": 0}""")]
    [InlineData("""{"person": "Anna", "index": 0, "tissues": [0], "cannotSay": true}""")]
    [InlineData("""{"person": "Anna", "index": 0, "tissues": [3]}""")]
    [InlineData("""{"person": "Anna", "index": 0, "tissues": [-1]}""")]
    [InlineData("""{"person": "Anna", "tissues": [0]}""")]
    [InlineData("""{"person": " ", "index": 0, "tissues": [0]}""")]
    [InlineData("""{"index": 0, "tissues": [0]}""")]
    [InlineData("""{"person": "Anna", "index": 0, "tissues": [0], "path": "/etc/passwd"}""")]
    [InlineData("""{"person": "Anna", """)]
    [InlineData("null")]
    public async Task Answers_ThatMeanNothing_AreRefusedAndNotStored(string body)
    {
        using var response = await SendAsync("/api/answer", body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Directory.GetFiles(_folder.Combine("labels"), "*.jsonl"));
    }

    [Fact]
    public async Task Answers_AsFormOrTooLong_AreRefused()
    {
        using var form = await SendAsync("/api/answer", """{"person": "Anna", "index": 0, "tissues": [0]}""", "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, form.StatusCode);
        using var large = await SendAsync("/api/answer", $$"""{"person": "{{new string('a', 20_000)}}", "index": 0, "tissues": [0]}""", "application/json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task Answers_ThatCannotBeWritten_AreNotCountedAndSaySo()
    {
        await PostAsync("/api/answer", """{"person": "Anna", "index": 0, "tissues": [0]}""");
        var file = _folder.Combine("labels", PersonName.FileName("Ben"));
        Directory.CreateDirectory(file);

        using var response = await SendAsync("/api/answer", """{"person": "Ben", "index": 0, "tissues": [0]}""", "application/json");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(0, (await JsonAsync("/api/next?person=Ben")).GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task Patch_ThatIsGoneOrAPipe_IsAnErrorAndNoWaiting()
    {
        var path = _folder.Combine("patches", "a_x0_y0.png");
        File.Delete(path);
        using var gone = await _http.GetAsync(Uri($"/patch/0?token={_token}"));
        Assert.Equal(HttpStatusCode.InternalServerError, gone.StatusCode);

        if (!OperatingSystem.IsWindows())
        {
            using (var pipe = System.Diagnostics.Process.Start("mkfifo", [path]))
            {
                await pipe.WaitForExitAsync();
            }

            using var refused = await _http.GetAsync(Uri($"/patch/0?token={_token}"));
            Assert.Contains("This is a pipe", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private Uri Uri(string path) => new($"http://127.0.0.1:{_server.Address.Port}{path}");

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri(path));
        request.Headers.Add(RequestGuard.TokenHeader, _token);
        using var response = await _http.SendAsync(request);
        return await ReadAsync(response);
    }

    private async Task<JsonElement> PostAsync(string path, string body)
    {
        using var response = await SendAsync(path, body, "application/json");
        return await ReadAsync(response);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri(path)) { Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)) };
        request.Headers.Add(RequestGuard.TokenHeader, _token);
        return await _http.SendAsync(request);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
