using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mlps.Label;

/// <summary>Refuses requests that do not come from the page: without the token, for another host, or from another site's page.</summary>
/// <remarks>A page elsewhere can send requests to this machine from the user's browser, and can give its own name this machine's address; it knows no token, and its Host and Origin are its own.</remarks>
internal sealed class RequestGuard(IPAddress address)
{
    /// <summary>The header, and in addresses the parameter, that the token is in.</summary>
    public const string TokenHeader = "X-Mlps-Token", TokenParameter = "token";

    private const int TokenBytes = 24;

    /// <summary>The port that browsers leave out.</summary>
    private const int HttpPort = 80;

    /// <summary>No scripts or styles within the page, nothing from elsewhere, no frames.</summary>
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private readonly byte[] _token = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes)));

    /// <summary>What only the printed address has: 48 hexadecimal digits, new for each start.</summary>
    public string Token => Encoding.ASCII.GetString(_token);

    /// <summary>Why a request is refused; null where it is not.</summary>
    public string? Refusal(HttpContext context)
    {
        var request = context.Request;
        return !IsOwnHost(request.Host, context.Connection.LocalPort) ? "This host is not the one that mlps label listens at."
            : request.Headers.Origin is { Count: > 0 } origin && origin != $"http://{request.Host}" ? "The request comes from a page of another site."
            : !IsToken(request) ? "The token is missing or wrong. Open the address that mlps label printed when it was started; each start has another."
            : null;
    }

    /// <summary>Tells browsers to keep everything else out of the page.</summary>
    public static void AddHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>Names can be made to lead here by others; numbers cannot.</summary>
    private bool IsOwnHost(HostString host, int port) =>
        (host.Port ?? HttpPort) == port
        && (IPAddress.IsLoopback(address) ? host.Host == address.ToString() || host.Host == $"[{address}]" || host.Host == "localhost"
            : IPAddress.TryParse(host.Host.Trim('[', ']'), out _) || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.Host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase));

    private bool IsToken(HttpRequest request)
    {
        var given = request.Headers.TryGetValue(TokenHeader, out var header) ? header : request.Query[TokenParameter];
        return given.Count == 1 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.ToString()), _token);
    }
}
