using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Mlps.ML;
using Mlps.Slides;

namespace Mlps.Label;

/// <summary>What all requests of the page have in common: how they are read, answered, and refused.</summary>
internal static class Endpoint
{
    /// <summary>Answers what the page asks for.</summary>
    public static void Get(WebApplication app, string route, RequestDelegate answer) => app.MapGet(route, context => CaughtAsync(context, answer));

    /// <summary>Takes what the page says as JSON.</summary>
    public static void Post<T>(WebApplication app, string route, JsonTypeInfo<T> type, Func<HttpContext, T, Task> answer) => Post(app, route, async context =>
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new FormatException("The request's body is no JSON.");
        }

        var body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false) ?? throw new FormatException("The request's body is null.");
        await answer(context, body).ConfigureAwait(false);
    });

    /// <summary>Takes what the page says in any form.</summary>
    public static void Post(WebApplication app, string route, RequestDelegate answer) => app.MapPost(route, context => CaughtAsync(context, answer));

    /// <summary>Answers with JSON.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T message, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(context.Response.Body, message, type, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Who asks.</summary>
    /// <exception cref="FormatException">The name is missing or none.</exception>
    public static string Person(HttpContext context) => PersonName.Checked(context.Request.Query["person"].ToString());

    /// <summary>A whole number of the request; null where it is missing or none.</summary>
    public static int? Number(HttpContext context, string name) => int.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The patch that a route names by its index.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static PatchFile Patch(HttpContext context, PatchList patches) =>
        int.TryParse((string?)context.Request.RouteValues["index"], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Patch(index, patches) : throw new KeyNotFoundException("There is no such patch.");

    /// <summary>The patch of an index.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static PatchFile Patch(int index, PatchList patches) =>
        index >= 0 && index < patches.Patches.Count ? patches.Patches[index] : throw new KeyNotFoundException($"There is no patch {index}.");

    /// <summary>Says what went wrong, as far as it concerns the user.</summary>
    private static async Task CaughtAsync(HttpContext context, RequestDelegate answer)
    {
        try
        {
            await answer(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (Status(exception) is { } status && !context.Response.HasStarted)
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.StatusCode = status;
            await WriteAsync(context, new ErrorMessage(exception.Message), LabelMessages.Default.ErrorMessage).ConfigureAwait(false);
        }
    }

    private static int? Status(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        FormatException or JsonException => StatusCodes.Status400BadRequest,
        KeyNotFoundException => StatusCodes.Status404NotFound,
        TissueDataException or SlideException or IOException or UnauthorizedAccessException => StatusCodes.Status500InternalServerError,
        _ => null,
    };
}
