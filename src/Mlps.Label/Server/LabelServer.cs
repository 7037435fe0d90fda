using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>The web server of the page: it answers nobody who does not have the address that it gives.</summary>
internal sealed class LabelServer : IAsyncDisposable
{
    private const int LargestRequest = 16 << 10;
    private const string TokenPlaceholder = "{{token}}";

    private static readonly string[] _scripts = ["label.js", "mask-image.js", "mask-view.js", "mask-tools.js", "mask-page.js"];

    private readonly WebApplication _app;
    private readonly RequestGuard _guard;
    private readonly IPAddress _address;

    private LabelServer(WebApplication app, RequestGuard guard, IPAddress address) => (_app, _guard, _address) = (app, guard, address);

    /// <summary>The page's address with its token, such as <c>http://127.0.0.1:40321/?token=…</c>; for all of a machine's addresses, that of this machine.</summary>
    public Uri Address
    {
        get
        {
            var shown = _address.Equals(IPAddress.Any) || _address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName() : _address.AddressFamily is AddressFamily.InterNetworkV6 ? $"[{_address}]" : _address.ToString();
            return new Uri($"http://{shown}:{new Uri(_app.Urls.First().Replace("[::]", "localhost", StringComparison.Ordinal)).Port}/?{RequestGuard.TokenParameter}={_guard.Token}");
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="session">What the page asks for.</param>
    /// <param name="masks">What it asks for while masks are drawn.</param>
    /// <param name="surroundings">Pictures of what lies around patches.</param>
    /// <param name="hasModel">Whether a model's guesses can be shown.</param>
    /// <param name="address">The address to listen at; anything but loopback lets other machines in.</param>
    /// <param name="port">The port, or 0 for any that is free.</param>
    /// <param name="stop">Stops the start.</param>
    /// <exception cref="TissueDataException">The address or port cannot be had.</exception>
    public static async Task<LabelServer> StartAsync(LabelSession session, MaskSession masks, Surroundings surroundings, bool hasModel, IPAddress address, int port, CancellationToken stop)
    {
        // Nothing is taken from the environment, such as other addresses.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var guard = new RequestGuard(address);
        app.Use(next => context => GuardedAsync(context, guard, next));
        app.UseRouting();
        AddPage(app, guard);
        new LabelEndpoints(session, surroundings, hasModel).AddTo(app);
        new MaskEndpoints(session, masks, surroundings).AddTo(app);
        app.UseEndpoints(_ => { });
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new TissueDataException($"{address}:{port}", $"The page cannot be served there: {exception.Message}", "Give another --port, or leave it out for one that is free.", exception);
        }

        return new LabelServer(app, guard, address);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(soon.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task GuardedAsync(HttpContext context, RequestGuard guard, RequestDelegate next)
    {
        RequestGuard.AddHeaders(context.Response);
        if (guard.Refusal(context) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refusal + "\n", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    private static void AddPage(WebApplication app, RequestGuard guard)
    {
        app.MapGet("/", Page("index.html", "text/html; charset=utf-8"));
        app.MapGet("/label.css", Page("label.css", "text/css; charset=utf-8"));
        app.MapGet("/label.svg", Page("label.svg", "image/svg+xml"));
        foreach (var script in _scripts)
        {
            app.MapGet($"/{script}", Page(script, "text/javascript; charset=utf-8"));
        }

        RequestDelegate Page(string name, string type)
        {
            using var resource = typeof(LabelServer).Assembly.GetManifestResourceStream($"Mlps.Label.Page.{name}") ?? throw new InvalidOperationException($"The page's file {name} is missing.");
            using var reader = new StreamReader(resource);
            var text = reader.ReadToEnd().Replace(TokenPlaceholder, guard.Token, StringComparison.Ordinal);
            return context =>
            {
                context.Response.ContentType = type;
                return context.Response.WriteAsync(text, context.RequestAborted);
            };
        }
    }
}
