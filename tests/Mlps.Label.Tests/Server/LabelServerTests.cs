using System.Net;
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
    private PageServer _server = null!;

    public async Task InitializeAsync()
    {
        PatchesOf(_folder, "a_x0_y0.png", "a_x1_y0.png", "b_x0_y0.png", Script);
        _server = await PageServer.StartAsync(_folder);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answers_AreOnDiskBeforeTheNextPatch_AndUndone()
    {
        var first = await _server.JsonAsync("/api/next?person=Anna&count=9");
        Assert.Equal((0, 4, 4), (first.GetProperty("done").GetInt32(), first.GetProperty("total").GetInt32(), first.GetProperty("next").GetArrayLength()));
        var order = first.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()).ToArray();
        Assert.Contains(Script, first.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("name").GetString()));

        var second = await _server.PostAsync("/api/answer", $$"""{"person": "Anna", "index": {{order[0]}}, "tissues": [0, 2], "seconds": 1.5}""");

        Assert.Equal(order[1..], second.GetProperty("next").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()));
        var file = _folder.Combine("labels", PersonName.FileName("Anna"));
        await using (var reading = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            using var reader = new StreamReader(reading);
            Assert.Contains("\"tissues\":[\"tumor\",\"lymphocyte\"]", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await _server.PostAsync("/api/answer", $$"""{"person": "Anna", "index": {{order[1]}}, "cannotSay": true}""");
        var history = await _server.JsonAsync("/api/history?person=ANNA&count=9");
        Assert.Equal(order[..2], history.GetProperty("patches").EnumerateArray().Select(patch => patch.GetProperty("index").GetInt32()));
        var undone = await _server.PostAsync("/api/undo", """{"person": "Anna"}""");
        Assert.Equal(order[1], undone.GetProperty("patch").GetProperty("index").GetInt32());
        Assert.Equal(order[1], undone.GetProperty("state").GetProperty("next")[0].GetProperty("index").GetInt32());
        Assert.Equal(1, undone.GetProperty("state").GetProperty("done").GetInt32());
        Assert.Equal(Pixel, await _server.Http.GetByteArrayAsync(_server.Uri($"/patch/{order[0]}?token={_server.Token}")));
    }

    [Fact]
    public async Task Undo_LastAnswersAreOfPatchesThatAreNotHere_TakesBackTheLastOneThatIs()
    {
        _server.Labels.Append("Anna", Answer("elsewhere/a.png", 1));
        var file = _folder.Combine("labels", PersonName.FileName("Anna"));
        var length = new FileInfo(file).Length;

        var nothing = await _server.PostAsync("/api/undo", """{"person": "Anna"}""");

        Assert.Equal(JsonValueKind.Null, nothing.GetProperty("patch").ValueKind);
        Assert.Equal(length, new FileInfo(file).Length);

        _server.Labels.Append("Anna", Answer("a_x1_y0.png", 2));
        _server.Labels.Append("Anna", [.. Enumerable.Range(0, 300).Select(number => Answer($"elsewhere/b{number}.png", 1))]);
        var history = await _server.JsonAsync("/api/history?person=Anna&count=9");
        Assert.Equal("a_x1_y0.png", Assert.Single(history.GetProperty("patches").EnumerateArray()).GetProperty("name").GetString());

        var undone = await _server.PostAsync("/api/undo", """{"person": "Anna"}""");

        Assert.Equal("a_x1_y0.png", undone.GetProperty("patch").GetProperty("name").GetString());
        Assert.Equal(301, _server.Labels.Count("Anna"));
        Assert.NotNull(_server.Labels.Find("Anna", "elsewhere/b299.png"));
    }

    [Fact]
    public async Task Comparison_OfTwoPeople_HasAgreementAndTheirDisagreements()
    {
        foreach (var (person, tissues) in new[] { ("Anna", "[0]"), ("Ben", "[1]") })
        {
            await _server.PostAsync("/api/answer", $$"""{"person": "{{person}}", "index": 0, "tissues": {{tissues}}}""");
            await _server.PostAsync("/api/answer", $$"""{"person": "{{person}}", "index": 1, "tissues": [0]}""");
        }

        var comparison = await _server.JsonAsync("/api/comparison");

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
        using var request = new HttpRequestMessage(HttpMethod.Get, _server.Uri(token is null ? path : $"{path}?token={(token == "right" ? _server.Token : token)}"));
        request.Headers.Host = host?.Replace("port", $"{_server.Address.Port}", StringComparison.Ordinal);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await _server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain(_server.Token, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Page_WithToken_IsThereAndTakesNothingFromElsewhere(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _server.Address);
        request.Headers.Host = $"{host}:{_server.Address.Port}";
        request.Headers.Add("Origin", $"http://{host}:{_server.Address.Port}");

        using var response = await _server.Http.SendAsync(request);

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
        await using var open = await PageServer.StartAsync(_folder, _server.Labels, IPAddress.Any, port: 0);
        Assert.Equal(Dns.GetHostName(), open.Address.Host, ignoreCase: true);
        Assert.NotEqual(_server.Address.Query, open.Address.Query);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{open.Address.Port}/{open.Address.Query}"));
        request.Headers.Host = $"{host}:{open.Address.Port}";

        using var response = await _server.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Start_AtAPortThatIsTaken_SaysWhatToDo() => Assert.Contains("--port", (await Assert.ThrowsAsync<Mlps.ML.TissueDataException>(() => PageServer.StartAsync(_folder, _server.Labels, IPAddress.Loopback, _server.Address.Port))).Message, StringComparison.Ordinal);

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
        using var response = await _server.Http.GetAsync(_server.Uri($"{path}?token={_server.Token}"));

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
        using var response = await _server.SendAsync("/api/answer", body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Directory.GetFiles(_folder.Combine("labels"), "*.jsonl"));
    }

    [Fact]
    public async Task Answers_AsFormOrTooLong_AreRefused()
    {
        using var form = await _server.SendAsync("/api/answer", """{"person": "Anna", "index": 0, "tissues": [0]}""", "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, form.StatusCode);
        using var large = await _server.SendAsync("/api/answer", $$"""{"person": "{{new string('a', 20_000)}}", "index": 0, "tissues": [0]}""", "application/json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task Answers_ThatCannotBeWritten_AreNotCountedAndSaySo()
    {
        await _server.PostAsync("/api/answer", """{"person": "Anna", "index": 0, "tissues": [0]}""");
        var file = _folder.Combine("labels", PersonName.FileName("Ben"));
        Directory.CreateDirectory(file);

        using var response = await _server.SendAsync("/api/answer", """{"person": "Ben", "index": 0, "tissues": [0]}""", "application/json");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(0, (await _server.JsonAsync("/api/next?person=Ben")).GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task Patch_ThatIsGoneOrAPipe_IsAnErrorAndNoWaiting()
    {
        var path = _folder.Combine("patches", "a_x0_y0.png");
        File.Delete(path);
        using var gone = await _server.Http.GetAsync(_server.Uri($"/patch/0?token={_server.Token}"));
        Assert.Equal(HttpStatusCode.InternalServerError, gone.StatusCode);

        if (!OperatingSystem.IsWindows())
        {
            using (var pipe = System.Diagnostics.Process.Start("mkfifo", [path]))
            {
                await pipe.WaitForExitAsync();
            }

            using var refused = await _server.Http.GetAsync(_server.Uri($"/patch/0?token={_server.Token}"));
            Assert.Contains("This is a pipe", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
