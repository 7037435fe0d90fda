using Mlps.ML;
using Mlps.Testing;
using Xunit;
using static Mlps.Label.Tests.LabelTestData;

namespace Mlps.Label.Tests.Export;

/// <summary>Masks become the folder val of a dataset.</summary>
public sealed class MaskExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_MasksOfASlide_AreAValidationSetThatNoTrainingSees()
    {
        var patches = Labelled(slides: 4);
        Draw("Anna", patches, "s2_x0_y0.png", 1, 1, 0, 4);
        Draw("Anna", patches, "s2_x1_y0.png", 1, 1, 1, 1);

        var result = Export(patches, heldOut: 0.2);

        Assert.Equal((9, 1, 2), (result.Train, result.HeldOut, result.Masked));
        Assert.Equal(["s2"], result.HeldOutSlides);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        Assert.All(dataset.Patches(DatasetSplit.Train), patch => Assert.DoesNotContain("s2", patch.Name, StringComparison.Ordinal));
        Assert.StartsWith("s2_x2_y0", Assert.Single(dataset.Patches(DatasetSplit.HeldOut)).Name, StringComparison.Ordinal);
        var validation = dataset.Patches(DatasetSplit.Validation);
        Assert.Equal(["s2_x0_y0", "s2_x1_y0"], validation.Select(patch => patch.Name));
        Assert.Empty(dataset.Report(DatasetSplit.Validation).Warnings);
        var mask = PalettePng.ReadMask(validation[0].MaskPath!, dataset.Classes);
        Assert.Equal([1, 1, 0, 3], mask.Indices.ToArray());
        Assert.Equal(Classes.Palette, PalettePng.Read(validation[0].MaskPath!).Palette);
        Assert.Contains("s2_x0_y0.png,s2,1,0,0,1,val,", File.ReadAllLines(_folder.Combine("dataset", "labels.csv")));
    }

    [Fact]
    public void Write_Masks_WarnsOfWhatIsMissingInThem()
    {
        var patches = Labelled(slides: 4);
        Draw("Anna", patches, "s2_x0_y0.png", 1, 1, 0, 4);
        Draw("Anna", patches, "s2_x2_y0.png", 0, 0, 0, 0);

        var warnings = Export(patches, heldOut: 0).Warnings;

        Assert.Contains("2 patches have masks: 28 are missing to the 30 that are a good start to choose epochs by.", warnings);
        Assert.Contains("lymphocyte is in no mask: epochs are chosen without it.", warnings);
        Assert.Contains("1 mask has pixels without an answer, or on which people are divided (12.5 % of all): training passes over them, as if they were not there.", warnings);
        Assert.Contains("2 masks show other tissues than the patch's label: look at them again.", warnings);
    }

    [Fact]
    public void Write_SeveralPeople_TakesWhatMostDrew_AndOnePersonAlone()
    {
        var patches = Labelled(slides: 4);
        Draw("Anna", patches, "s2_x0_y0.png", 0, 0, 0, 0);
        Draw("Ben", patches, "s2_x0_y0.png", 1, 0, 4, 4);
        Draw("Cleo", patches, "s2_x0_y0.png", 1, 1, 4, 0);

        Export(patches, heldOut: 0);
        Assert.Equal([1, 0, 0, 0], Mask("dataset"));

        Export(patches, heldOut: 0, person: "Anna", target: "anna");
        Assert.Equal([0, 0, 0, 0], Mask("anna"));

        byte[] Mask(string dataset) => PalettePng.ReadMask(_folder.Combine(dataset, "val", "mask", "s2_x0_y0.png"), Classes).Indices.ToArray();
    }

    [Fact]
    public void Write_MasksOfTheOnlySlide_AreNotTrainedOnAndSaySo()
    {
        var patches = Labelled(slides: 1);
        Draw("Anna", patches, "s0_x0_y0.png", 0, 1, 1, 1);

        var result = Export(patches, heldOut: 0.2);

        Assert.Equal((2, 0, 1), (result.Train, result.HeldOut, result.Masked));
        Assert.Contains("There are masks of every slide with labels, so that s0 is trained on too, and scores of the masks are too good: label patches of other slides.", result.Warnings);
        Assert.DoesNotContain(TissueDataset.Open(_folder.Combine("dataset")).Patches(DatasetSplit.Train), patch => patch.Name.StartsWith("s0_x0", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_MaskWithoutLabelOrWithoutTissue_CountsOrNot()
    {
        var patches = Labelled(slides: 4, alsoUnlabelled: ["s3_x7_y0.png", "s3_x8_y0.png"]);
        Draw("Anna", patches, "s3_x7_y0.png", 2, 2, 2, 2);
        Draw("Anna", patches, "s3_x8_y0.png", 3, 3, 3, 3);

        var result = Export(patches, heldOut: 0);

        Assert.Equal((9, 3, 1), (result.Train, result.HeldOut, result.Masked));
        Assert.Contains("s3_x7_y0.png,s3,,,,0,val,", File.ReadAllLines(_folder.Combine("dataset", "labels.csv")));
    }

    [Fact]
    public void Write_Again_ReplacesMasksAndNothingElse()
    {
        var patches = Labelled(slides: 4);
        Draw("Anna", patches, "s2_x0_y0.png", 1, 1, 0, 0);
        Draw("Anna", patches, "s2_x1_y0.png", 1, 1, 0, 0);
        Export(patches, heldOut: 0);
        File.WriteAllText(_folder.File("dataset/val/mask/notes.txt"), "mine");
        Draw("Anna", patches, "s2_x1_y0.png", 4, 4, 4, 4);

        Export(patches, heldOut: 0);

        Assert.Equal(["notes.txt", "s2_x0_y0.png"], Directory.GetFiles(_folder.Combine("dataset", "val", "mask")).Select(Path.GetFileName).Order());
        Assert.Single(Directory.GetFiles(_folder.Combine("dataset", "val", "img")));
        File.WriteAllText(_folder.Combine("dataset", "label-export.json"), """{"files": ["val/s2_x0_y0.png"]}""");
        Assert.Contains("no patch of an export", Assert.Throws<TissueDataException>(() => Export(patches, heldOut: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SlidesAreFolders_KeepsThemForThePattern()
    {
        const string Pattern = "^(?<source>[^/]+)/";
        var patches = Labelled(slides: 2, name: (slide, number) => $"case {slide}/{number}.png", pattern: Pattern);
        Draw("Anna", patches, "case 1/0.png", 0, 0, 1, 1);

        Export(patches, heldOut: 0, pattern: Pattern);

        Assert.Equal("case 1", Assert.Single(Directory.GetDirectories(_folder.Combine("dataset", "val", "img")).Select(Path.GetFileName)));
        Assert.Single(TissueDataset.Open(_folder.Combine("dataset")).Patches(DatasetSplit.Validation));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Three patches of 2 x 2 pixels of each slide, all with tumor, and all but one with stroma.</summary>
    private PatchList Labelled(int slides, string[]? alsoUnlabelled = null, Func<int, int, string>? name = null, string? pattern = null)
    {
        string[] names = [.. Enumerable.Range(0, 3 * slides).Select(number => name?.Invoke(number / 3, number % 3) ?? $"s{number / 3}_x{number % 3}_y0.png")];
        foreach (var file in names.Concat(alsoUnlabelled ?? []))
        {
            PalettePng.Write(_folder.File($"patches/{file}"), new byte[4], 2, 2, [TissueColor.White]);
        }

        using var labels = LabelFolder.Open(_folder.Combine("labels"), Classes);
        labels.Append("Anna", [.. names.Select(file => Answer(file, file is "s2_x0_y0.png" ? 1u : 3u))]);
        return PatchList.Open(_folder.Combine("patches"), _folder.Combine("labels"), pattern, CancellationToken.None);
    }

    private void Draw(string person, PatchList patches, string patch, params byte[] indices)
    {
        using var labels = LabelFolder.Open(_folder.Combine("labels"), Classes);
        labels.Introduce(person);
        new MaskFolder(labels.Folder, Classes).Save(person, patches.Patches[patches.Find(patch)!.Value], new DrawnMask(2, 2, indices));
    }

    private ExportResult Export(PatchList patches, double heldOut, string? person = null, string target = "dataset", string? pattern = null)
    {
        using var labels = LabelFolder.Open(_folder.Combine("labels"), Classes);
        return DatasetExport.Write(patches, labels, _folder.Combine(target), new ExportOptions(heldOut, Seed: 1, Copies: false, person, pattern), CancellationToken.None);
    }
}
