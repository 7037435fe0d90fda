using Mlps.ML.Tests.Chain;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Pictures;

/// <summary>Pictures drawn by a process that sees no fonts, or only those that a test gives it.</summary>
public sealed class FontlessPictureTests : IDisposable
{
    private const string Probe = "Mlps.ML.PictureProbe";
    private const string Nucleus = "\u6838", Gland = "\u817A";

    private static readonly string[] _pictures = ["activation-maps.png", "contact-sheet.png", "curves.png", "heat-map.png", "mask.png", "overlay.png"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [OwnMountsFact]
    public async Task EveryPicture_WithoutFonts_HasThePixelsOfAMachineWithFonts()
    {
        var usual = await DrawAsync("usual", fonts: null, ["gland", "стромальные"]);
        var fontless = await DrawAsync("fontless", Empty(), ["gland", "стромальные"]);

        Assert.Equal(_pictures, usual.Keys);
        Assert.Equal(_pictures, fontless.Keys);
        Assert.All(_pictures, picture => Assert.True(usual[picture].AsSpan().SequenceEqual(fontless[picture]), $"{picture} depends on the machine's fonts"));
    }

    [OwnMountsFact]
    public async Task Curves_InACultureWithCommas_AreTheSame()
    {
        var points = await DrawAsync("points", Empty(), ["gland", "stroma"]);
        var commas = await DrawAsync("commas", Empty(), ["gland", "stroma", ","]);

        Assert.Equal(points["curves.png"], commas["curves.png"]);
    }

    [OwnMountsFact]
    public async Task Names_OfLettersThatNoFontHas_AreBoxes()
    {
        var one = await DrawAsync("one", Empty(), [Nucleus, Gland]);
        var other = await DrawAsync("other", Empty(), [Gland, Nucleus]);

        Assert.Equal(one["contact-sheet.png"], other["contact-sheet.png"]);
    }

    [OwnMountsTheory]
    [InlineData("/usr/share/fonts")]
    [InlineData("XDG_DATA_HOME")]
    [InlineData("HOME")]
    public async Task Names_OfLettersThatAFontHas_AreDrawnInIt(string where)
    {
        var one = await DrawAsync("one", Fonts(where), [Nucleus, Gland], where);
        var other = await DrawAsync("other", Fonts(where), [Gland, Nucleus], where);
        var boxes = await DrawAsync("boxes", Empty(), [Nucleus, Gland]);

        Assert.NotEqual(one["contact-sheet.png"], other["contact-sheet.png"]);
        Assert.NotEqual(one["contact-sheet.png"], boxes["contact-sheet.png"]);
        Assert.Equal(one["mask.png"], boxes["mask.png"]);
    }

    private string Empty() => Directory.CreateDirectory(_folder.Combine("empty")).FullName;

    /// <summary>A folder with the test's font, as it would be in a system's folder, a data folder or a home.</summary>
    private string Fonts(string where)
    {
        var root = _folder.Combine("font");
        var folder = Directory.CreateDirectory(where switch
        {
            "XDG_DATA_HOME" => Path.Combine(root, "fonts", "shapes"),
            "HOME" => Path.Combine(root, ".fonts"),
            _ => Path.Combine(root, "truetype", "shapes"),
        }).FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Pictures", "Fonts", "TwoShapes.ttf"), Path.Combine(folder, "TwoShapes.ttf"), overwrite: true);
        return root;
    }

    /// <summary>Draws the probe's pictures; where <paramref name="fonts"/> is a folder, no other has fonts or settings for them.</summary>
    private async Task<SortedDictionary<string, byte[]>> DrawAsync(string name, string? fonts, string[] arguments, string where = "/usr/share/fonts")
    {
        var output = _folder.Combine(name);
        string[] draw = [.. ProbeProcess.Program(Probe), output, .. arguments];
        var run = await ProbeProcess.RunAsync(fonts is null ? draw : ["unshare", "--map-root-user", "--mount", "sh", "-c", Script(where), "sh", Empty(), fonts, .. draw]);
        Assert.True(run.ExitCode == 0, run.Error);
        return new SortedDictionary<string, byte[]>(Directory.GetFiles(output).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllBytes), StringComparer.Ordinal);
    }

    private static string Script(string where) =>
        $$"""
        empty=$1; fonts=$2; shift 2
        for folder in /usr/share/fonts /usr/local/share/fonts /etc/fonts; do
            if [ -d $folder ]; then mount --bind "$empty" $folder || exit 99; fi
        done
        export HOME="$empty" XDG_DATA_HOME="$empty" XDG_DATA_DIRS="$empty"
        {{where switch
        {
            "/usr/share/fonts" => "if [ -d /usr/share/fonts ]; then mount --bind \"$fonts\" /usr/share/fonts; else export XDG_DATA_HOME=\"$fonts\"; fi",
            _ => $"export {where}=\"$fonts\"",
        }}}
        exec "$@"
        """;
}
