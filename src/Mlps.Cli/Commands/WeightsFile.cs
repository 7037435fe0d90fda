using Mlps.Torch.Weights;

namespace Mlps.Cli.Commands;

/// <summary>A file of weights given on the command line.</summary>
internal static class WeightsFile
{
    /// <summary>Opens the file once, so that one that cannot be read ends the run before hours of training rather than after.</summary>
    /// <returns>Its path; a <c>~</c> that no shell replaced is the home folder.</returns>
    public static string? Check(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        // FullName would put the current folder before a '~'; the text is what the user wrote.
        var path = !file.Exists && file.ToString().StartsWith('~') ? file.ToString() : file.FullName;
        WeightFile.Open(path).Dispose();
        return path;
    }
}
