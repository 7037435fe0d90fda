using Mlps.ML;

namespace Mlps.Label;

/// <summary>The file of tissues in a folder of labels.</summary>
internal static class StoredTissues
{
    /// <summary>The tissues that the folder has, or gets now.</summary>
    /// <param name="folder">The folder of labels.</param>
    /// <param name="asked">The tissues that were named; null for those that the folder has.</param>
    /// <exception cref="TissueDataException">The folder has other tissues or none, there are too many, or what was given does not go with what is stored.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static TissueClasses Settle(string folder, TissueChoice? asked)
    {
        var path = Path.Combine(folder, LabelFolder.ClassesName);
        if (!File.Exists(path))
        {
            var classes = asked?.Classes ?? throw new TissueDataException(folder, "There are no labels yet, so the tissues are not known.", "Name them, such as --classes tumor,stroma,lymphocyte.");
            if (classes.Count > LabelFolder.MostClasses)
            {
                throw new TissueDataException(folder, $"{classes.Count} tissues are too many to choose from.", $"Give {LabelFolder.MostClasses} at most.");
            }

            DurableFile.Write(path, System.Text.Encoding.UTF8.GetBytes(classes.ToJson()));
            return classes;
        }

        TissueClasses stored;
        try
        {
            FileStatus.RequireNotSpecial(path);
            stored = TissueClasses.FromJson(HandWrittenFile.ReadText(path));
        }
        catch (FormatException exception)
        {
            throw new TissueDataException(path, exception.Message, "Restore the file, or give another folder with --labels.", exception);
        }

        if (stored.Count > LabelFolder.MostClasses)
        {
            throw new TissueDataException(path, $"There are {stored.Count} tissues.", $"{LabelFolder.MostClasses} are the most.");
        }

        if (asked is null)
        {
            return stored;
        }

        if (!asked.Classes.Names.SequenceEqual(stored.Names, StringComparer.Ordinal))
        {
            throw new TissueDataException(folder, $"The labels here are of the tissues {stored}, and --classes names {asked.Classes}.", "Leave --classes out to go on with these, or give another folder with --labels to start anew.");
        }

        TissueClasses settled;
        try
        {
            settled = asked.Over(stored);
        }
        catch (ArgumentException exception)
        {
            throw new TissueDataException(path, $"What is stored there does not go with --colors and --background: {exception.Message}", "Give other colours, or another name for the background.", exception);
        }

        if (!settled.Equals(stored))
        {
            DurableFile.Write(path, System.Text.Encoding.UTF8.GetBytes(settled.ToJson()));
        }

        return settled;
    }
}
