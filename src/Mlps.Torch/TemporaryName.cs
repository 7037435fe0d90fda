using System.Security.Cryptography;
using System.Text;

namespace Mlps.Torch;

/// <summary>Names of temporary files: in the target's folder, hidden, and short however long the target's name is.</summary>
internal static class TemporaryName
{
    private const int KeyLength = 8;
    private const int RandomLength = 16;

    /// <summary>A new path beside the target.</summary>
    public static string Beside(string target) =>
        Path.Combine(FolderOf(target), $"{Prefix(target)}{Guid.NewGuid().ToString("N")[..RandomLength]}.tmp");

    /// <summary>Finds temporary files that killed processes left beside the target.</summary>
    public static IEnumerable<string> LeftBy(string target) => Directory.GetFiles(FolderOf(target), $"{Prefix(target)}*.tmp");

    private static string FolderOf(string target) => Path.GetDirectoryName(Path.GetFullPath(target))!;

    private static string Prefix(string target) =>
        $".mlps-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(target))))[..KeyLength]}-";
}
