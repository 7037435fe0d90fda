using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Server;

/// <summary>The page's server in this process, and requests to it.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly LabelServer _server;

    private PageServer(LabelServer server, LabelFolder labels) => (_server, Labels, Token) = (server, labels, server.Address.Query.Split('=')[1]);

    /// <summary>Sends requests.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>The labels that it has open.</summary>
    public LabelFolder Labels { get; }

    /// <summary>The token of its address.</summary>
    public string Token { get; }

    /// <summary>Its address.</summary>
    public Uri Address => _server.Address;

    /// <summary>Starts a server for the patches of a folder.</summary>
    public static async Task<PageServer> StartAsync(TemporaryFolder folder, Surroundings? surroundings = null)
    {
        var labels = LabelFolder.Open(folder.Combine("labels"), LabelTestData.Classes);
        return new PageServer(await StartAsync(folder, labels, IPAddress.Loopback, port: 0, surroundings), labels);
    }

    /// <summary>Starts a server at another address, for labels that are open.</summary>
    public static Task<LabelServer> StartAsync(TemporaryFolder folder, LabelFolder labels, IPAddress address, int port, Surroundings? surroundings = null)
    {
        var session = new LabelSession(PatchList.Open(folder.Combine("patches"), folder.Combine("labels"), null, CancellationToken.None), labels, seed: 1);
        var masks = new MaskSession(session, new MaskFolder(labels.Folder, labels.Classes), heldOut: 0.2, seed: 1, count: 30);
        return LabelServer.StartAsync(session, masks, surroundings ?? new Surroundings(new Dictionary<string, PatchPlace>()), hasModel: false, address, port, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        Labels.Dispose();
    }

    /// <summary>An address on the server.</summary>
    public Uri Uri(string path) => new($"http://127.0.0.1:{Address.Port}{path}");

    /// <summary>The JSON that a request is answered with.</summary>
    public async Task<JsonElement> JsonAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri(path));
        request.Headers.Add(RequestGuard.TokenHeader, Token);
        using var response = await Http.SendAsync(request);
        return await ReadAsync(response);
    }

    /// <summary>Sends JSON, and returns what it is answered with.</summary>
    public async Task<JsonElement> PostAsync(string path, string body)
    {
        using var response = await SendAsync(path, body, "application/json");
        return await ReadAsync(response);
    }

    /// <summary>Sends text.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, string body, string type) => SendAsync(path, new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)));

    /// <summary>Sends anything.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri(path)) { Content = content };
        request.Headers.Add(RequestGuard.TokenHeader, Token);
        request.Headers.ExpectContinue = content.Headers.ContentLength > 1 << 20;
        return await Http.SendAsync(request);
    }

    /// <summary>The JSON of an answer that is no refusal.</summary>
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
