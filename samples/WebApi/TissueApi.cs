using Mlps.Onnx;

namespace Mlps.Samples.WebApi;

/// <summary>The service's addresses and limits.</summary>
public static class TissueApi
{
    /// <summary>Bytes that a request may have.</summary>
    private const long MaximumBytes = 32L << 20;

    /// <summary>Makes the service; it listens once it is started.</summary>
    /// <param name="args">Settings, as in <c>--Model tissue.onnx --urls http://localhost:5000</c>.</param>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var model = builder.Configuration["Model"] ?? throw new InvalidOperationException("Name the exported model: --Model tissue.onnx");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaximumBytes);
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton(new SegmenterPool(model));

        var app = builder.Build();
        app.MapGet("/tissues", (SegmenterPool pool) => pool.Tissues);
        app.MapPost("/mask", AnswerAsync);
        return app;
    }

    private static async Task<IResult> AnswerAsync(HttpRequest request, SegmenterPool pool, CancellationToken stop)
    {
        try
        {
            return Results.Bytes(await pool.PredictAsync(request.Body, stop), "image/png");
        }
        catch (UnusableImageException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.StatusCode);
        }
        catch (BadHttpRequestException exception)
        {
            var message = exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"A request may have {MaximumBytes} bytes." : exception.Message;
            return Results.Problem(message, statusCode: exception.StatusCode);
        }
    }
}
