using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Cli.Output;

/// <summary>Writes output files that are complete or absent; errors say what to do.</summary>
internal static class AtomicOutput
{
    public static void Write(string path, byte[] bytes)
    {
        try
        {
            AtomicFile.Write(path, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(path, $"The file cannot be written: {exception.Message}", "Check that there is space and that the folder may be written.", exception);
        }
    }

    public static void WriteText(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Checks that files can be written to a folder.</summary>
    /// <exception cref="TissueDataException">They cannot.</exception>
    public static void RequireWritable(string folder)
    {
        try
        {
            AtomicFile.CheckWritable(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(folder, $"Nothing can be written there: {exception.Message}", "Check that there is space and that the folder may be written, or give another with --output.", exception);
        }
    }
}
