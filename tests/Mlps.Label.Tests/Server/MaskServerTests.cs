using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Server;

/// <summary>Masks through the page's server: what is stored, and what is refused.</summary>
public sealed class MaskServerTests : IAsyncLifetime, IDisposable
{
    private const string Ok = "/api/mask/0?person=Anna&width=3&height=2";

    private readonly TemporaryFolder _folder = new();
    private PageServer _server = null!;

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "a_x0_y0.png", "a_x1_y0.png", "b_x0_y0.png" })
        {
            PalettePng.Write(_folder.File($"patches/{name}"), new byte[6], 3, 2, [TissueColor.White]);
        }

        _server = await PageServer.StartAsync(_folder);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Masks_AreOnDiskBeforeTheAnswer_EachPersonsOwn()
    {
        var list = await _server.JsonAsync("/api/masks?person=Anna");
        Assert.Equal("does not count", list.GetProperty("background").GetProperty("name").GetString());
        Assert.False(list.GetProperty("hasBackground").GetBoolean());
        var first = list.GetProperty("patches")[0];
        Assert.Equal("none", first.GetProperty("state").GetString());
        var index = first.GetProperty("patch").GetProperty("index").GetInt32();
        var path = $"/api/mask/{index}?person=Anna&width=3&height=2";
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(path)).StatusCode);

        using var unfinished = await StoreAsync(path, [0, 1, 2, 3, 4, 4]);

        Assert.Equal("unfinished", (await PageServer.ReadAsync(unfinished)).GetProperty("state").GetString());
        Assert.Equal([0, 1, 2, 3, 4, 4], PalettePng.Read(Assert.Single(Files())).Indices.ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 4], await (await GetAsync(path)).Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(path.Replace("Anna", "Ben", StringComparison.Ordinal))).StatusCode);
        using var finished = await StoreAsync(path, [0, 1, 2, 3, 0, 0]);
        Assert.Equal("finished", (await PageServer.ReadAsync(finished)).GetProperty("state").GetString());
        Assert.Equal("finished", State(await _server.JsonAsync("/api/masks?person=anna"), index));
        Assert.Equal("none", State(await _server.JsonAsync("/api/masks?person=Ben"), index));
        Assert.Equal(["Anna"], _server.Labels.People);
    }

    [Fact]
    public async Task Patches_OfWhichSomebodyCannotSay_AreNotToBeDrawnByThem()
    {
        var all = Indices(await _server.JsonAsync("/api/masks?person=Anna"));
        await _server.PostAsync("/api/answer", $$"""{"person": "Anna", "index": {{all[0]}}, "cannotSay": true}""");

        Assert.Equal(all[1..], Indices(await _server.JsonAsync("/api/masks?person=Anna")));
        Assert.Equal(all, Indices(await _server.JsonAsync("/api/masks?person=Ben")));
    }

    [Theory]
    [InlineData(Ok, 5)]
    [InlineData(Ok, 0)]
    [InlineData("/api/mask/0?person=Anna&width=2&height=3", 6)]
    [InlineData("/api/mask/0?person=Anna&width=6&height=1", 6)]
    [InlineData("/api/mask/0?person=Anna&width=-3&height=-2", 6)]
    [InlineData("/api/mask/0?person=Anna&width=99999999999&height=2", 6)]
    [InlineData("/api/mask/0?person=Anna", 6)]
    [InlineData("/api/mask/0?person=&width=3&height=2", 6)]
    [InlineData("/api/mask/0?width=3&height=2", 6)]
    public async Task Masks_OfAnotherSizeOrOfNobody_AreRefused(string path, int bytes)
    {
        using var response = await StoreAsync(path, new byte[bytes]);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("/api/mask/3?person=Anna&width=3&height=2")]
    [InlineData("/api/mask/-1?person=Anna&width=3&height=2")]
    [InlineData("/api/mask/..%2F..%2Fx?person=Anna&width=3&height=2")]
    [InlineData("/api/mask/a_x0_y0.png?person=Anna&width=3&height=2")]
    [InlineData("/api/mask/99999999999999999999?person=Anna&width=3&height=2")]
    public async Task Masks_OfWhatIsNoPatch_FindNothing(string path)
    {
        using var stored = await StoreAsync(path, new byte[6]);
        using var read = await GetAsync(path);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (stored.StatusCode, read.StatusCode));
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("/etc/cron.d/x")]
    [InlineData("..\\..\\x")]
    [InlineData("%2e%2e%2fx")]
    [InlineData("a\"'<script>")]
    public async Task Masks_OfAPersonWhoseNameIsATrick_StayInTheFolder(string person)
    {
        using var response = await StoreAsync($"/api/mask/0?person={Uri.EscapeDataString(person)}&width=3&height=2", new byte[6]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var file = Assert.Single(Files());
        Assert.Matches("^[a-z0-9]+-[0-9a-f]{12}$", Path.GetFileName(Path.GetDirectoryName(file)!));
        Assert.Equal(_folder.Combine("labels", "masks"), Path.GetDirectoryName(Path.GetDirectoryName(file)));
    }

    [Fact]
    public async Task Masks_WithAnIndexThatMeansNothing_AreRefusedAndTheOldOneStays()
    {
        using var first = await StoreAsync(Ok, [0, 0, 0, 1, 1, 1]);
        using var refused = await StoreAsync(Ok, [0, 0, 0, 1, 1, 5]);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("(2, 1)", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([0, 0, 0, 1, 1, 1], PalettePng.Read(Assert.Single(Files())).Indices.ToArray());
    }

    [Fact]
    public async Task Masks_LargerThanThePatch_AreRefusedUnread()
    {
        using var byOne = await StoreAsync(Ok, new byte[7]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, byOne.StatusCode);

        // A gigabyte, announced or not: nobody reads it.
        foreach (var announced in new[] { true, false })
        {
            using var gigabyte = new Zeros(1 << 30, announced);
            gigabyte.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            try
            {
                using var response = await _server.SendAsync(Ok, gigabyte);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                // The server closed the connection while it was still being sent.
            }

            Assert.InRange(gigabyte.Sent, 0, 64 << 20);
        }

        Assert.Empty(Files());
        Assert.Equal(3, (await _server.JsonAsync("/api/next?person=Anna")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("multipart/form-data")]
    [InlineData("text/plain")]
    public async Task Masks_AsAForm_AreRefused(string type)
    {
        using var response = await StoreAsync(Ok, new byte[6], type);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("wrong", null, null)]
    [InlineData(null, null, null)]
    [InlineData("right", "http://evil.example", null)]
    [InlineData("right", "null", null)]
    [InlineData("right", null, "evil.example")]
    public async Task Masks_WithoutTokenOrFromElsewhere_AreRefused(string? token, string? origin, string? host)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, Ok), (HttpMethod.Get, Ok), (HttpMethod.Get, "/api/masks?person=Anna"), (HttpMethod.Get, "/mask-page.js") })
        {
            using var request = new HttpRequestMessage(method, _server.Uri(path));
            if (token is not null)
            {
                request.Headers.Add(RequestGuard.TokenHeader, token == "right" ? _server.Token : token);
            }

            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            request.Headers.Host = host;
            request.Content = method == HttpMethod.Post ? Body(new byte[6], "application/octet-stream") : null;
            using var response = await _server.Http.SendAsync(request);

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        Assert.Empty(Files());
    }

    [Fact]
    public async Task Masks_ThatCannotBeWritten_SaySo()
    {
        Directory.CreateDirectory(_folder.Combine("labels", "masks"));
        File.WriteAllText(_folder.Combine("labels", "masks", Path.GetFileNameWithoutExtension(PersonName.FileName("Anna"))), "in the way");

        using var response = await StoreAsync(Ok, new byte[6]);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(Files());
        Assert.DoesNotContain("finished", (await _server.JsonAsync("/api/masks?person=Anna")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mask_ThatIsDamaged_IsNamedAndDrawnAnew()
    {
        using var stored = await StoreAsync(Ok, new byte[6]);
        var file = Assert.Single(Files());
        await File.WriteAllTextAsync(file, "damaged");

        Assert.Equal("damaged", State(await _server.JsonAsync("/api/masks?person=Anna"), 0));
        using var read = await GetAsync(Ok);
        Assert.Contains(Path.GetFileName(file), await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await StoreAsync(Ok, new byte[6]);
        Assert.Equal("finished", State(await _server.JsonAsync("/api/masks?person=Anna"), 0));
    }

    private static int[] Indices(JsonElement list) => [.. list.GetProperty("patches").EnumerateArray().Select(patch => patch.GetProperty("patch").GetProperty("index").GetInt32())];

    private static string? State(JsonElement list, int index) =>
        list.GetProperty("patches").EnumerateArray().Single(patch => patch.GetProperty("patch").GetProperty("index").GetInt32() == index).GetProperty("state").GetString();

    private static ByteArrayContent Body(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private async Task<HttpResponseMessage> StoreAsync(string path, byte[] indices, string type = "application/octet-stream")
    {
        using var body = Body(indices, type);
        return await _server.SendAsync(path, body);
    }

    private async Task<HttpResponseMessage> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _server.Uri(path));
        request.Headers.Add(RequestGuard.TokenHeader, _server.Token);
        return await _server.Http.SendAsync(request);
    }

    private string[] Files() => Directory.Exists(_folder.Combine("labels", "masks")) ? Directory.GetFiles(_folder.Combine("labels", "masks"), "*.png", SearchOption.AllDirectories) : [];

    /// <summary>Zeros without end, as far as anybody reads them.</summary>
    private sealed class Zeros(long length, bool announced) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[1 << 16];
            for (; Sent < length; Sent += block.Length)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return announced;
        }
    }
}
