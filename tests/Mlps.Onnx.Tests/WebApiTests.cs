using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Samples.WebApi;
using Mlps.Testing;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>samples/WebApi answers images with masks, and everything else with a status that says what is wrong.</summary>
public sealed class WebApiTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var model = _folder.Combine("model.onnx");
        SmallModel.Shared.Context.TissueSegmentation.ExportOnnx(SmallModel.Shared.Chain, model);
        _app = TissueApi.Create(["--Model", model, "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error"]);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Mask_OfTwentyImagesAtATime_IsTheSegmenters()
    {
        var (file, expected) = Image(70, 90);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Post(file)));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, "image/png"), (answer.Status, answer.Type)));
        Assert.All(answers, answer => Assert.Equal(expected, answer.Body));
    }

    [Fact]
    public async Task Tissues_AreTheModels() => Assert.StartsWith("""[{"name":"tumor epithelium","red":205,"green":51,"blue":51},""", await _client.GetStringAsync(new Uri("/tissues", UriKind.Relative)), StringComparison.Ordinal);

    [Fact]
    public async Task Mask_OfWhatIsNoImage_Is400()
    {
        var (file, _) = Image(70, 90);

        foreach (var (body, message) in new[] { ("no image"u8.ToArray(), "is no image"), ([], "is no image"), (file[..(file.Length / 2)], "damaged or cut short") })
        {
            var answer = await Post(body);

            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.Status, answer.Type));
            Assert.Contains(message, System.Text.Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Mask_OfTooManyPixels_Is413BeforeTheyAreDecoded()
    {
        var file = PalettePng.ToBytes(new byte[5000 * 5000], 5000, 5000, [TissueColor.White]);

        var answer = await Post(file);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("5000 x 5000 pixels", System.Text.Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mask_OfTooManyBytes_Is413()
    {
        var answer = await Post(new byte[(32 << 20) + 1]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("33554432 bytes", System.Text.Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
    }

    /// <summary>Requests that were still being sent did not count, and their bodies filled the memory.</summary>
    [Fact]
    public async Task Predict_WithMoreRequestsThanThereMayBe_Is503_AndServesAgainAfterwards()
    {
        using var pool = new SegmenterPool(_folder.Combine("model.onnx"));
        var pipes = Enumerable.Range(0, SegmenterPool.MostRequests).Select(_ => new Pipe()).ToArray();
        var sending = pipes.Select(pipe => pool.PredictAsync(pipe.Reader.AsStream(), CancellationToken.None)).ToArray();

        var refused = await Assert.ThrowsAsync<UnusableImageException>(() => pool.PredictAsync(Stream.Null, CancellationToken.None));
        Assert.Equal(503, refused.StatusCode);

        foreach (var pipe in pipes)
        {
            await pipe.Writer.CompleteAsync();
        }

        await Assert.AllAsync(sending, async request => Assert.Equal(400, (await Assert.ThrowsAsync<UnusableImageException>(() => request)).StatusCode));
        var (file, expected) = Image(20, 30);
        using var body = new MemoryStream(file);
        Assert.Equal(expected, await pool.PredictAsync(body, CancellationToken.None));
    }

    [Fact]
    public void Create_WithoutAModel_SaysWhatToName() => Assert.Contains("--Model tissue.onnx", Assert.Throws<InvalidOperationException>(() => TissueApi.Create([])).Message, StringComparison.Ordinal);

    /// <summary>A file, and the mask that the model has for it.</summary>
    private (byte[] File, byte[] Mask) Image(int height, int width)
    {
        using var table = new ImageTable(new MLContext(), (height, width));
        var path = _folder.Combine("image.png");
        table.Images[0].Save(path);
        using var segmenter = OnnxSegmenter.Load(_folder.Combine("model.onnx"));
        return (File.ReadAllBytes(path), segmenter.Predict(table.Images[0]).ToPng());
    }

    private async Task<(HttpStatusCode Status, string? Type, byte[] Body)> Post(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mask", UriKind.Relative)) { Content = new ByteArrayContent(body) };

        // The body is sent only where the service wants it, or it could close the connection while it is.
        request.Headers.ExpectContinue = true;
        using var answer = await _client.SendAsync(request);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsByteArrayAsync());
    }
}
