using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>Digests of a slide's results, to compare runs.</summary>
internal static class ResultDigests
{
    /// <summary>Digests of all files in a folder and its subfolders, without the times in <c>slide.json</c>.</summary>
    public static SortedDictionary<string, string> Of(string folder) =>
        new(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(folder, path).Replace('\\', '/'), Digest), StringComparer.Ordinal);

    private static string Digest(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (Path.GetFileName(path) == "slide.json")
        {
            var record = JsonNode.Parse(bytes)!.AsObject();
            Assert.True(record.Remove("timings"));
            bytes = Encoding.UTF8.GetBytes(record.ToJsonString());
        }

        return Convert.ToHexString(SHA256.HashData(bytes));
    }
}
