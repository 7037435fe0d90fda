using System.Net;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Mlps.Label.Tests.Server;

/// <summary>Browsers leave the port of plain HTTP out of what they say.</summary>
public sealed class RequestGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", 80, true)]
    [InlineData("127.0.0.1:80", 80, true)]
    [InlineData("localhost", 80, true)]
    [InlineData("evil.example", 80, false)]
    [InlineData("127.0.0.1:8080", 80, false)]
    [InlineData("127.0.0.1", 8080, false)]
    [InlineData("127.0.0.1:8080", 8080, true)]
    public void Refusal_HostWithAndWithoutPort_IsOfTheServersPort(string host, int port, bool isTaken)
    {
        var guard = new RequestGuard(IPAddress.Loopback);
        var context = new DefaultHttpContext();
        context.Connection.LocalPort = port;
        context.Request.Host = new HostString(host);
        context.Request.Headers.Origin = $"http://{host}";
        context.Request.Headers[RequestGuard.TokenHeader] = guard.Token;

        Assert.Equal(isTaken, guard.Refusal(context) is null);
    }
}
