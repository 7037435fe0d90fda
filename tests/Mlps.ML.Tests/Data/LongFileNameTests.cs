using Mlps.Testing;
using Mlps.Torch;
using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Files of every legal name can be written, whole or not at all.</summary>
public sealed class LongFileNameTests : IDisposable
{
    private static readonly TissueColor[] _palette = [new(1, 2, 3)];
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Writers => ["mask", "picture", "weights"];

    public static TheoryData<string, string> LegalNames
    {
        get
        {
            var data = new TheoryData<string, string>();
            string[] names = [new('n', 214), new('n', 215), new('n', 251), new('é', 125), new('肺', 83), "a\rb", "a\nb", "=1", ".x", "x.png.tmp", "*?[a]"];
            foreach (var (writer, name) in ((string[])["mask", "picture", "weights"]).SelectMany(writer => names.Select(name => (writer, name))))
            {
                data.Add(writer, name);
            }

            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(LegalNames))]
    public void Write_LegalName_IsTheOnlyFile(string writer, string name)
    {
        var path = Path.Combine(_folder.Path, name + ".png");

        Write(writer, path);
        Write(writer, path);

        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public void Write_NameTooLong_LeavesNothing(string writer)
    {
        var path = Path.Combine(_folder.Path, new string('n', 252) + ".png");

        Assert.ThrowsAny<IOException>(() => Write(writer, path));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("mask")]
    [InlineData("picture")]
    public void Write_FolderOfThatName_NamesTheFileAndLeavesNothing(string writer)
    {
        var path = _folder.Folder("x.png");

        var error = Assert.ThrowsAny<Exception>(() => Write(writer, path));

        Assert.Contains($"'{path}' cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void TemporaryName_OfAKilledProcess_IsFoundAgainAndNoOther()
    {
        string target = Path.Combine(_folder.Path, new string('n', 255)), other = Path.Combine(_folder.Path, "other");
        string[] left = [TemporaryName.Beside(target), TemporaryName.Beside(target)];
        foreach (var path in left.Append(TemporaryName.Beside(other)).Append(other))
        {
            File.WriteAllText(path, "half");
        }

        Assert.Equal(left.Order(StringComparer.Ordinal), TemporaryName.LeftBy(target).Order(StringComparer.Ordinal));
        Assert.All(left, path => Assert.InRange(Path.GetFileName(path).Length, 1, 40));
    }

    private static void Write(string writer, string path)
    {
        switch (writer)
        {
            case "mask":
                PalettePng.Write(path, [0], 1, 1, _palette);
                break;
            case "picture":
                MaskPicture.Draw([0], 1, 1, new TissueClasses([new("a", new(1, 2, 3))])).Save(path);
                break;
            default:
                SafetensorsWriter.Write(path, [("a", TorchSharp.torch.zeros(1))]);
                break;
        }
    }
}
