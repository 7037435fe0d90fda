using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>What the page can ask for while masks are drawn.</summary>
/// <remarks>A mask goes over as one byte a pixel, row by row: the index of <see cref="DrawnMask"/>.</remarks>
internal sealed class MaskEndpoints(LabelSession session, MaskSession masks, Surroundings surroundings)
{
    private const string Bytes = "application/octet-stream";

    /// <summary>What pixels are called that do not count, in datasets without background.</summary>
    private const string NotCounted = "does not count";

    /// <summary>Adds them to a server.</summary>
    public void AddTo(WebApplication app)
    {
        Endpoint.Get(app, "/api/masks", context => Endpoint.WriteAsync(context, List(Endpoint.Person(context)), LabelMessages.Default.MaskListMessage));
        Endpoint.Get(app, "/api/mask/{index:int}", ReadAsync);
        Endpoint.Post(app, "/api/mask/{index:int}", StoreAsync);
    }

    private MaskListMessage List(string person) => new(
        session.Labels.NameOf(person),
        new TissueMessage(masks.Classes.Background?.Name ?? NotCounted, masks.Classes.Palette[masks.Classes.BackgroundIndex].ToString()),
        masks.Classes.Background is not null,
        [.. masks.Patches(person).Select(patch => new MaskPatchMessage(PatchMessage.Of(patch, session.Labels, surroundings, person), State(person, patch)))]);

    private string State(string person, PatchFile patch)
    {
        try
        {
            return State(masks.Find(person, patch));
        }
        catch (TissueDataException)
        {
            // The page says why when the patch is shown.
            return MaskStateMessage.Damaged;
        }
    }

    private string State(DrawnMask? mask) =>
        mask is null || mask.IsEmpty(masks.Classes) ? MaskStateMessage.None : mask.IsFinished(masks.Classes) ? MaskStateMessage.Finished : MaskStateMessage.Unfinished;

    private async Task ReadAsync(HttpContext context)
    {
        var patch = Endpoint.Patch(context, session.Patches);
        var mask = masks.Find(Endpoint.Person(context), patch);
        if (mask is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = Bytes;
        context.Response.ContentLength = mask.Indices.Length;
        await context.Response.Body.WriteAsync(mask.Indices, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task StoreAsync(HttpContext context)
    {
        var person = Endpoint.Person(context);
        var patch = Endpoint.Patch(context, session.Patches);
        if (context.Request.ContentType != Bytes)
        {
            throw new FormatException($"A mask's content type is {Bytes}.");
        }

        var (width, height) = PatchSize.Read(patch);
        if (Endpoint.Number(context, "width") != width || Endpoint.Number(context, "height") != height)
        {
            throw new FormatException($"The mask is not of {width} x {height} pixels, which the patch has.");
        }

        var mask = new DrawnMask(width, height, await ReadAsync(context, width * height).ConfigureAwait(false));
        masks.Save(person, patch, mask);
        await Endpoint.WriteAsync(context, new MaskStateMessage(State(mask)), LabelMessages.Default.MaskStateMessage).ConfigureAwait(false);
    }

    /// <summary>A body of so many bytes; the server breaks off one that is longer.</summary>
    private static async Task<byte[]> ReadAsync(HttpContext context, int length)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = length;
        if (context.Request.ContentLength > length)
        {
            throw new BadHttpRequestException($"The mask has more than the {length} bytes of the patch's pixels.", StatusCodes.Status413PayloadTooLarge);
        }

        var bytes = new byte[length];
        var read = await context.Request.Body.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false, context.RequestAborted).ConfigureAwait(false);

        // One byte more: it tells a body that ends here from a longer one.
        return read == length && await context.Request.Body.ReadAsync(new byte[1], context.RequestAborted).ConfigureAwait(false) == 0 ? bytes : throw new FormatException($"The mask has not the {length} bytes of the patch's pixels.");
    }
}
