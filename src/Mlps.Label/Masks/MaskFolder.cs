using System.Security.Cryptography;
using System.Text;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>The masks that people drew: a folder for each person among the labels, and in it a palette PNG for each patch.</summary>
/// <remarks>
/// Neither a person's nor a patch's name becomes a path: names of files hold only letters a to z and digits of them, and a digest. A mask is on disk when <see cref="Save"/> returns, and the one before is whole until then.
/// </remarks>
/// <param name="labels">The folder of labels, which this process has.</param>
/// <param name="classes">The tissues.</param>
internal sealed class MaskFolder(string labels, TissueClasses classes)
{
    private const string Name = "masks";
    private const string Extension = ".png";
    private const string Remedy = "Draw the mask again, or delete the file.";
    private const int LongestInFile = 40;
    private const int DigestLength = 16;

    /// <summary>How files show pixels without an answer; nothing depends on it.</summary>
    private static readonly TissueColor _noAnswerColor = new(128, 128, 128);

    private readonly Lock _lock = new();

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; } = Path.Combine(labels, Name);

    /// <summary>The tissues.</summary>
    public TissueClasses Classes => classes;

    /// <summary>The name of a patch's file.</summary>
    /// <param name="patch">The patch's key.</param>
    public static string FileName(string patch)
    {
        var letters = new string([.. PatchList.FlatName(patch).ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).TakeLast(LongestInFile)]);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NameForm.Compose(patch))))[..DigestLength];
        return $"{(letters.Length == 0 ? "patch" : letters)}-{digest}{Extension}";
    }

    /// <summary>The names of the files that a person has.</summary>
    public IReadOnlySet<string> FileNames(string person)
    {
        var folder = FolderOf(person);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Extension).Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal) : new HashSet<string>();
    }

    /// <summary>A person's mask of a patch; null where there is none.</summary>
    /// <exception cref="TissueDataException">The file cannot be read, is no mask of these tissues, or has another size than the patch.</exception>
    public DrawnMask? Find(string person, PatchFile patch)
    {
        var path = PathOf(person, patch.Key);
        PaletteImage image;
        lock (_lock)
        {
            if (!File.Exists(path))
            {
                return null;
            }

            FileStatus.RequireNotSpecial(path);
            image = PalettePng.Read(path);
        }

        var mask = new DrawnMask(image.Width, image.Height, image.Indices.ToArray());
        try
        {
            mask.Check(classes);
        }
        catch (FormatException exception)
        {
            throw new TissueDataException(path, exception.Message, Remedy, exception);
        }

        return PatchSize.Read(patch) is var (width, height) && (mask.Width, mask.Height) == (width, height)
            ? mask
            : throw new TissueDataException(path, $"The mask is of {mask.Width} x {mask.Height} pixels, and its patch {patch.Key} of {width} x {height}: the patch was replaced since.", Remedy);
    }

    /// <summary>Stores a person's mask of a patch; one without any answer is removed.</summary>
    /// <exception cref="FormatException">An index means nothing.</exception>
    /// <exception cref="IOException">The mask is not on disk, and the one before is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The mask may not be written, and the one before is as it was.</exception>
    public void Save(string person, PatchFile patch, DrawnMask mask)
    {
        mask.Check(classes);
        var path = PathOf(person, patch.Key);
        lock (_lock)
        {
            if (mask.IsEmpty(classes))
            {
                if (File.Exists(path))
                {
                    File.Delete(path);
                    DurableFile.FlushNames(FolderOf(person));
                }

                return;
            }

            CreateFolders(person);
            DurableFile.Write(path, PalettePng.ToBytes(mask.Indices, mask.Width, mask.Height, [.. classes.Palette, _noAnswerColor]));
            foreach (var torn in TemporaryName.LeftBy(path))
            {
                File.Delete(torn);
            }
        }
    }

    private void CreateFolders(string person)
    {
        if (!Directory.Exists(Folder))
        {
            DurableFile.CreateFolder(Folder);

            // Where somebody takes the folder of labels for one of patches, masks are no patches.
            OutputMarker.Write(Folder, "label", "*");
        }

        DurableFile.CreateFolder(FolderOf(person));
    }

    private string FolderOf(string person) => Path.Combine(Folder, Path.GetFileNameWithoutExtension(PersonName.FileName(person)));

    private string PathOf(string person, string patch) => Path.Combine(FolderOf(person), FileName(patch));
}
