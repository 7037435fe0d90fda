using System.Globalization;
using System.Runtime.InteropServices;
using Mlps.Benchmarks.Setup;
using Mlps.ML;

namespace Mlps.Benchmarks.Scale;

/// <summary>A training split of as many patches as asked for, which are links to a few files, in a folder that is removed afterwards.</summary>
/// <remarks>A folder for each slide of 1,000 patches. One patch in 1,000 is damaged: cut short, empty, and no image in turn.</remarks>
internal sealed partial class PatchFolder : IDisposable
{
    private const int Different = 64;
    private const int PerSlide = 1000;
    private const int DamagedPlace = 7;
    private const int CutOff = 40;

    private readonly Tissue _tissue;

    public PatchFolder(int count, int side)
    {
        _tissue = new Tissue(Different, testImages: 1, side);
        Path = Directory.CreateTempSubdirectory("mlps-bench-patches-").FullName;
        File.Copy(System.IO.Path.Combine(_tissue.Folder, "dataset.json"), System.IO.Path.Combine(Path, "dataset.json"));
        string[] whole = [.. _tissue.Dataset.Patches(DatasetSplit.Train).Select(patch => patch.ImagePath)];
        string[] damaged = [Damaged("cut", File.ReadAllBytes(whole[0])[..^CutOff]), Damaged("empty", []), Damaged("text", "Dear reader"u8.ToArray())];
        for (var index = 0; index < count; index++)
        {
            var (slide, place) = Math.DivRem(index, PerSlide);
            var folder = System.IO.Path.Combine(Path, "train", Slide(slide));
            if (place == 0)
            {
                Directory.CreateDirectory(folder);
            }

            var source = place == DamagedPlace ? damaged[slide % damaged.Length] : whole[index % whole.Length];
            if (Link(source, System.IO.Path.Combine(folder, Name(slide, place, index))) != 0)
            {
                throw new IOException($"A link to {source} cannot be made: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
    }

    public string Path { get; }

    /// <summary>Damaged patches among so many, and those of them whose headers tell.</summary>
    public static (int All, int Headers) DamagedOf(int count)
    {
        var slides = Enumerable.Range(0, (count + PerSlide - 1 - DamagedPlace) / PerSlide).ToArray();
        return (slides.Length, slides.Count(slide => slide % 3 != 0));
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _tissue.Dispose();
    }

    private static string Slide(int slide) => string.Create(CultureInfo.InvariantCulture, $"S{slide:0000}");

    /// <summary>A name as tools give them, with a label that the index decides: about half of the patches have the first tissue, a third the second, and so on.</summary>
    private static string Name(int slide, int place, int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Slide(slide)}_x_{place % 40 * 96}_y_{place / 40 * 96}-[{Bit(index, 2)} {Bit(index, 3)} {Bit(index, 5)} {(index % 30 is 1 or 7 or 11 or 13 or 17 or 19 or 23 or 29 ? 1 : 0)}].png");

    private static int Bit(int index, int divisor) => index % divisor == 0 ? 1 : 0;

    private string Damaged(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(_tissue.Folder, name + ".png");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string source, string target);
}
