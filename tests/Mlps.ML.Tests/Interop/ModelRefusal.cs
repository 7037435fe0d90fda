using Microsoft.ML;
using Xunit;

namespace Mlps.ML.Tests.Interop;

/// <summary>Loads model files from strangers, and says why they are refused.</summary>
internal static class ModelRefusal
{
    private static readonly MLContext _ml = new();

    /// <summary>The message of the refusal.</summary>
    public static string Of(byte[] file) => Assert.Throws<TissueDataException>(() => Load(file)).Message;

    public static ITransformer Load(byte[] file, ModelLoadOptions? options = null) => _ml.TissueSegmentation.LoadModel(new MemoryStream(file), options);

    /// <summary>Shows the whole message where it is another.</summary>
    public static void AssertContains(string part, string message) => Assert.True(message.Contains(part, StringComparison.Ordinal), $"'{part}' is not in: {message}");
}
