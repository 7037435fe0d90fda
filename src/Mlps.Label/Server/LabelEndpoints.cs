using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Mlps.ML;

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
        Endpoint.Get(app, "/api/folder", context => Endpoint.WriteAsync(context, Folder(), LabelMessages.Default.FolderMessage));
        Endpoint.Get(app, "/api/next", context => Endpoint.WriteAsync(context, Next(Endpoint.Person(context), Count(context, MostNext)), LabelMessages.Default.NextMessage));
        Endpoint.Get(app, "/api/history", context => Endpoint.WriteAsync(context, History(Endpoint.Person(context), Count(context, MostHistory)), LabelMessages.Default.HistoryMessage));
        Endpoint.Get(app, "/api/patch/{index:int}", context => Endpoint.WriteAsync(context, Message(Patch(context), Endpoint.Person(context)), LabelMessages.Default.PatchMessage));
        Endpoint.Get(app, "/api/guess/{index:int}", context => Endpoint.WriteAsync(context, new GuessMessage(session.Guess(Patch(context).Index)), LabelMessages.Default.GuessMessage));
        Endpoint.Get(app, "/api/comparison", context => Endpoint.WriteAsync(context, Comparison(), LabelMessages.Default.ComparisonMessage));
        Endpoint.Get(app, "/patch/{index:int}", ImageAsync);
        Endpoint.Get(app, "/surroundings/{index:int}", SurroundingsAsync);
        Endpoint.Post(app, "/api/answer", LabelMessages.Default.GivenMessage, (context, given) => Endpoint.WriteAsync(context, Store(given), LabelMessages.Default.NextMessage));
        Endpoint.Post(app, "/api/undo", LabelMessages.Default.UndoMessage, (context, who) => Endpoint.WriteAsync(context, Undo(PersonName.Checked(who.Person ?? string.Empty)), LabelMessages.Default.UndoneMessage));
    }

    private static int Count(HttpContext context, int most) => Endpoint.Number(context, "count") is { } count ? Math.Clamp(count, 1, most) : 1;

    private PatchFile Patch(HttpContext context) => Endpoint.Patch(context, session.Patches);

    private PatchFile Patch(int index) => Endpoint.Patch(index, session.Patches);

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
        new([.. session.Labels.Last(person, count, patch => session.Patches.Find(patch) is not null).Select(answer => session.Patches.Find(answer.Patch)).OfType<int>().Select(index => Message(Patch(index), person))]);

    private PatchMessage Message(PatchFile patch, string person) => PatchMessage.Of(patch, session.Labels, surroundings, person);

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
                    .Select(patch => new DisagreementMessage(patch.Index!.Value, patch.Patch.Patch, [.. patch.Patch.Answers.Select(given => new PersonAnswerMessage(given.Person, given.Answer.Places))])),
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
