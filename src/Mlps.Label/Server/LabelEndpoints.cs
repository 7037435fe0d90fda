using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Mlps.ML;
using Mlps.Slides;

namespace Mlps.Label;

/// <summary>What the page can ask for. Patches are named by their indices: no text of a request becomes a path.</summary>
internal sealed class LabelEndpoints(LabelSession session, Surroundings surroundings, bool hasModel)
{
    private const int MostNext = 24;
    private const int MostHistory = 200;
    private const int MostDisagreements = 500;

    private static readonly Dictionary<string, string> _types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".bmp"] = "image/bmp",
        [".webp"] = "image/webp",
    };

    /// <summary>Adds them to a server.</summary>
    public void AddTo(WebApplication app)
    {
        Get(app, "/api/folder", context => WriteAsync(context, Folder(), LabelMessages.Default.FolderMessage));
        Get(app, "/api/next", context => WriteAsync(context, Next(Person(context), Count(context, MostNext)), LabelMessages.Default.NextMessage));
        Get(app, "/api/history", context => WriteAsync(context, History(Person(context), Count(context, MostHistory)), LabelMessages.Default.HistoryMessage));
        Get(app, "/api/patch/{index:int}", context => WriteAsync(context, Message(Patch(context), Person(context)), LabelMessages.Default.PatchMessage));
        Get(app, "/api/guess/{index:int}", context => WriteAsync(context, new GuessMessage(session.Guess(Patch(context).Index)), LabelMessages.Default.GuessMessage));
        Get(app, "/api/comparison", context => WriteAsync(context, Comparison(), LabelMessages.Default.ComparisonMessage));
        Get(app, "/patch/{index:int}", ImageAsync);
        Get(app, "/surroundings/{index:int}", SurroundingsAsync);
        Post(app, "/api/answer", LabelMessages.Default.GivenMessage, (context, given) => WriteAsync(context, Store(given), LabelMessages.Default.NextMessage));
        Post(app, "/api/undo", LabelMessages.Default.UndoMessage, (context, who) => WriteAsync(context, Undo(PersonName.Checked(who.Person ?? string.Empty)), LabelMessages.Default.UndoneMessage));
    }

    private static void Get(WebApplication app, string route, RequestDelegate answer) => app.MapGet(route, context => CaughtAsync(context, answer));

    private static void Post<T>(WebApplication app, string route, JsonTypeInfo<T> type, Func<HttpContext, T, Task> answer) => app.MapPost(route, context => CaughtAsync(context, async _ =>
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new FormatException("The request's body is no JSON.");
        }

        var body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false) ?? throw new FormatException("The request's body is null.");
        await answer(context, body).ConfigureAwait(false);
    }));

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

    private static async Task WriteAsync<T>(HttpContext context, T message, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(context.Response.Body, message, type, context.RequestAborted).ConfigureAwait(false);
    }

    private static string Person(HttpContext context) => PersonName.Checked(context.Request.Query["person"].ToString());

    private static int Count(HttpContext context, int most) =>
        int.TryParse(context.Request.Query["count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 1, most) : 1;

    private static int[] Places(uint tissues)
    {
        var places = new List<int>(BitOperations.PopCount(tissues));
        for (; tissues != 0; tissues &= tissues - 1)
        {
            places.Add(BitOperations.TrailingZeroCount(tissues));
        }

        return [.. places];
    }

    private PatchFile Patch(HttpContext context) =>
        int.TryParse((string?)context.Request.RouteValues["index"], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Patch(index) : throw new KeyNotFoundException("There is no such patch.");

    private PatchFile Patch(int index) =>
        index >= 0 && index < session.Patches.Patches.Count ? session.Patches.Patches[index] : throw new KeyNotFoundException($"There is no patch {index}.");

    private FolderMessage Folder() => new(
        Path.GetFileName(session.Patches.Folder),
        session.Patches.Patches.Count,
        session.Patches.SlideCount,
        [.. session.Labels.Classes.Select(tissue => new TissueMessage(tissue.Name, tissue.Color.ToString()))],
        [.. session.Labels.People.Select(person => new PersonMessage(person, session.Done(person)))],
        hasModel);

    private NextMessage Next(string person, int count) =>
        new(session.Labels.NameOf(person), session.Done(person), session.Patches.Patches.Count, [.. session.Next(person, count).Select(patch => Message(patch, person))]);

    private HistoryMessage History(string person, int count) =>
        new([.. session.Labels.Last(person, count).Select(answer => session.Patches.Find(answer.Patch)).OfType<int>().Select(index => Message(Patch(index), person))]);

    private PatchMessage Message(PatchFile patch, string person) => new(
        patch.Index, patch.Key, patch.Slide, surroundings.Has(patch.Key), session.Labels.Find(person, patch.Key) is { } answer ? new AnswerMessage(answer.Tissues is { } tissues ? Places(tissues) : null) : null);

    private NextMessage Store(GivenMessage given)
    {
        var person = PersonName.Checked(given.Person ?? string.Empty);
        var patch = Patch(given.Index ?? throw new FormatException("'index' is missing."));
        var seconds = given.Seconds is { } taken && double.IsFinite(taken) && taken >= 0 ? given.Seconds : null;
        if (given.CannotSay == given.Tissues is not null)
        {
            throw new FormatException("An answer has either 'tissues' or 'cannotSay'.");
        }

        var tissues = 0u;
        foreach (var tissue in given.Tissues ?? [])
        {
            tissues |= tissue >= 0 && tissue < session.Labels.Classes.Count ? 1u << tissue : throw new FormatException($"There is no tissue {tissue}.");
        }

        session.Labels.Append(person, new Answer(patch.Key, given.CannotSay ? null : tissues, DateTimeOffset.UtcNow), seconds);
        return Next(person, MostNext);
    }

    private UndoneMessage Undo(string person)
    {
        var index = session.Undo(person) is { } answer ? session.Patches.Find(answer.Patch) : null;
        return new UndoneMessage(index is { } found ? Message(Patch(found), person) : null, Next(person, MostNext));
    }

    private ComparisonMessage Comparison()
    {
        var people = session.Labels.All();
        var found = Agreement.Find(people);
        return new ComparisonMessage(
            [.. Agreement.Compute(people, session.Labels.Classes.Count).Select(pair => new AgreementMessage(session.Labels.Classes[pair.Tissue].Name, pair.First, pair.Second, pair.Patches, pair.Equal, pair.Kappa))],
            found.Count,
            [
                .. found.Select(patch => (Patch: patch, Index: session.Patches.Find(patch.Patch))).Where(patch => patch.Index is not null).Take(MostDisagreements)
                    .Select(patch => new DisagreementMessage(patch.Index!.Value, patch.Patch.Patch, [.. patch.Patch.Answers.Select(given => new PersonAnswerMessage(given.Person, Places(given.Answer.Tissues!.Value)))])),
            ]);
    }

    private async Task ImageAsync(HttpContext context)
    {
        var path = Patch(context).Path;
        FileStatus.RequireNotSpecial(path);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: false);
        context.Response.ContentType = _types.GetValueOrDefault(Path.GetExtension(path), "image/jpeg");
        context.Response.ContentLength = file.Length;
        context.Response.Headers.CacheControl = "private, max-age=3600";
        await file.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task SurroundingsAsync(HttpContext context)
    {
        var png = surroundings.Read(Patch(context).Key);
        context.Response.ContentType = "image/png";
        context.Response.ContentLength = png.Length;
        context.Response.Headers.CacheControl = "private, max-age=3600";
        await context.Response.Body.WriteAsync(png, context.RequestAborted).ConfigureAwait(false);
    }
}
