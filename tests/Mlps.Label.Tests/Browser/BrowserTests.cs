using System.Globalization;
using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Browser;

/// <summary>From patches to a trained model, in a real browser: labels by keys alone, masks by mouse, finger and keys.</summary>
public sealed class BrowserTests : IDisposable
{
    private const string Hostile = "zz <img src=x onerror=alert(1)> \"'&..";

    /// <summary>Patches are small, as training on them takes time; in pictures they are as large as real ones.</summary>
    private static readonly int _side = Chromium.PictureFolder is null ? 32 : 224;

    /// <summary>Its pixels for each of a patch of 32 px.</summary>
    private static readonly int _unit = _side / 32;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, bool[]> _truth = [];
    private string? _polygon;
    private string? _brush;
    private int _masks;

    [ChromiumFact]
    public async Task LabelAndDraw_KilledInBetween_ThenExportAndTrain()
    {
        var classes = Draw();
        string[] arguments = ["--patches", _folder.Combine("patches"), "--labels", _folder.Combine("labels"), "--classes", string.Join(',', classes.Names), "--held-out", "0.3"];
        await using var browser = await Chromium.StartAsync();
        using (var server = await LabelProcess.StartAsync(arguments))
        {
            await browser.OpenAsync(server.Address);
            await browser.WaitAsync("document.readyState === 'complete' && document.querySelector('dialog[open]')");
            await browser.PictureAsync("who");
            await browser.TypeAsync("Anna <b>");
            await browser.PressAsync("Enter");
            await browser.WaitAsync("document.body.dataset.shown && !state.busy");
            await browser.ResizeAsync(1280, 800, isDark: false);
            for (var number = 0; number < 10; number++)
            {
                await LabelOneAsync(browser);
            }

            await UndoAndBackAsync(browser);
            Assert.Empty(browser.Complaints);
            Assert.Equal("Anna <b>", await browser.ValueAsync("document.getElementById('person').textContent"));
            server.Kill();
            var shown = await browser.ValueAsync("document.body.dataset.shown");
            await browser.PressAsync("s");
            await browser.WaitAsync("!document.getElementById('message').hidden");
            await browser.PictureAsync("killed");
            Assert.Equal(shown, await browser.ValueAsync("document.body.dataset.shown"));
        }

        // A killed program leaves no answer half-known: all ten are there, and the eleventh is not.
        using (var server = await LabelProcess.StartAsync(arguments))
        {
            await browser.OpenAsync(server.Address);
            await browser.WaitAsync("document.readyState === 'complete' && document.querySelector('dialog[open] #whoKnown button')");
            Assert.Equal("Anna <b> (10)", await browser.ValueAsync("document.querySelector('#whoKnown button').textContent"));
            await browser.TypeAsync("anna <B>");
            await browser.PressAsync("Enter");
            await browser.WaitAsync("document.body.dataset.shown && !state.busy");
            for (var number = 10; number < _truth.Count; number++)
            {
                await LabelOneAsync(browser);
            }

            await browser.WaitAsync("!document.getElementById('done').hidden");
            Assert.Equal("0", await browser.ValueAsync("document.querySelectorAll('#patch script, #name *, #strip [onerror]').length"));
            await browser.PictureAsync("done");
            await DrawUntilKilledAsync(browser, server);
        }

        using (var server = await LabelProcess.StartAsync(arguments))
        {
            await browser.OpenAsync(server.Address);
            await DrawTheRestAsync(browser);
            Assert.DoesNotContain(browser.Complaints, complaint => !complaint.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal));
        }

        var export = LabelProcess.Run(["label", .. arguments[..4], "--export", _folder.Combine("dataset"), "--held-out", "0.3"]);
        Assert.True(export.ExitCode == 0, export.Output);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        CheckMasks(dataset);
        Assert.All(dataset.Patches(DatasetSplit.Train), patch => Assert.Equal(_truth[Path.GetFileName(patch.ImagePath).Split("-[")[0]], patch.Label));
        Assert.InRange(dataset.Report(DatasetSplit.Train).PatchCount, _truth.Count / 2, _truth.Count - _masks);

        var train = LabelProcess.Run(
            "train", "--data", _folder.Combine("dataset"), "--model", _folder.Combine("model.zip"), "--output", _folder.Combine("training"), "--start", "random", "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "4");
        Assert.True(train.ExitCode == 0, train.Output);
        Assert.True(File.Exists(_folder.Combine("model.zip")));
        Assert.Contains($"epochs are chosen by the masks of {_masks} images in val", train.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A mask by polygon, then one by brush, of which the server is killed before it is stored.</summary>
    private async Task DrawUntilKilledAsync(Chromium browser, LabelProcess server)
    {
        var masks = new MaskDrawing(browser);
        await masks.OpenAsync();
        await CheckShapesAsync(browser);
        _masks = int.Parse(await browser.ValueAsync("drawing.list.length"), CultureInfo.InvariantCulture);
        Assert.InRange(_masks, 3, 10);
        _polygon = await browser.ValueAsync("document.getElementById('maskName').textContent");
        await browser.PressAsync("1");
        await masks.PolygonAsync(At(4, 4), At(28, 4), At(28, 20), At(4, 20));
        Assert.Equal(384 * _unit * _unit, await masks.CountAsync(0));
        await browser.PressAsync("2");
        await browser.PressAsync("f");
        Assert.Equal(0, await masks.CountAsync(3));
        await browser.PressAsync("z");
        Assert.Equal((1024 - 384) * _unit * _unit, await masks.CountAsync(3));
        await browser.PressAsync("y");
        await browser.PictureAsync("mask-polygon");
        await StoreDespiteDoubtsAsync(browser, masks);

        Assert.Equal("1", await browser.ValueAsync("document.querySelectorAll('#strip .finished').length"));
        await browser.PressAsync("b");
        await masks.StrokeAsync(At(8, 16), At(24, 16));
        var unsaved = await masks.PixelAsync(16 * _unit, 16 * _unit);
        Assert.NotEqual("3", unsaved);
        server.Kill();
        var shown = await browser.ValueAsync("document.body.dataset.mask");
        await browser.PressAsync("Enter");
        await browser.PressAsync("Enter");
        await browser.WaitAsync("!document.getElementById('message').hidden && !state.busy");

        // What was drawn stays on the page.
        Assert.Equal((shown, unsaved), (await browser.ValueAsync("document.body.dataset.mask"), await masks.PixelAsync(16 * _unit, 16 * _unit)));
        await browser.PictureAsync("mask-killed");
    }

    /// <summary>All other masks: by brush and eraser, by a finger on a tablet, and by keys alone.</summary>
    private async Task DrawTheRestAsync(Chromium browser)
    {
        var masks = new MaskDrawing(browser);
        await browser.WaitAsync("document.readyState === 'complete' && document.querySelector('dialog[open] #whoKnown button')");
        await browser.PressAsync("Tab");
        await browser.PressAsync("Enter");
        await browser.WaitAsync("!document.querySelector('dialog[open]') && !state.busy");
        await masks.OpenAsync();
        Assert.Equal("1", await browser.ValueAsync("document.querySelectorAll('#strip .finished').length"));
        Assert.Equal("0", await browser.ValueAsync("drawing.tools.mask.done.length"));

        _brush = await browser.ValueAsync("document.getElementById('maskName').textContent");
        await browser.PressAsync("1");
        await browser.PressAsync("b");
        await browser.PressAsync("[");
        await masks.StrokeAsync(At(8, 16), At(24, 16));
        Assert.Equal(("0", "3"), (await masks.PixelAsync(20 * _unit, 16 * _unit), await masks.PixelAsync(16 * _unit, 25 * _unit)));
        await browser.PressAsync("e");
        await masks.StrokeAsync(At(8, 16));
        Assert.Equal("3", await masks.PixelAsync(8 * _unit, 16 * _unit));
        await browser.PressAsync("+");
        await browser.PressAsync("v");
        await browser.PictureAsync("mask-brush");

        // Pixels without an answer are asked about once.
        await browser.PressAsync("Enter");
        Assert.Contains("have no answer", await browser.ValueAsync("document.getElementById('maskHint').textContent"), StringComparison.Ordinal);
        await masks.StoreAsync();
        Assert.Equal("1", await browser.ValueAsync("document.querySelectorAll('#strip .unfinished').length"));

        await browser.ResizeAsync(820, 1180, isDark: true);
        await masks.SpreadAsync(At(12, 12), At(20, 20), At(8, 8), At(24, 24));
        Assert.Equal("true", await browser.ValueAsync("drawing.tools.view.zoom > 1.5 && drawing.tools.view.zoom < 3"));
        Assert.Equal(1024 * _unit * _unit, await masks.CountAsync(3));
        await browser.PressAsync("v");
        await browser.PressAsync("p");
        await browser.PressAsync("2");
        await masks.TouchAsync(At(6, 6), At(16, 6), At(26, 6), At(26, 16), At(26, 26), At(16, 26), At(6, 26), At(6, 16));
        Assert.Equal(400 * _unit * _unit, await masks.CountAsync(1));
        await browser.PressAsync("1");
        await browser.PressAsync("f");
        await browser.PictureAsync("mask-tablet-dark");
        await browser.ResizeAsync(1280, 800, isDark: false);
        await StoreDespiteDoubtsAsync(browser, masks);
        while (await browser.ValueAsync("drawing.list.some(patch => patch.state === 'none')") == "true")
        {
            await browser.PressAsync("f");
            await StoreDespiteDoubtsAsync(browser, masks, isLast: await browser.ValueAsync("drawing.list.filter(patch => patch.state === 'none').length") == "1");
        }

        await browser.PictureAsync("mask-done");
        await browser.PressAsync("m");
        await browser.WaitAsync("!document.getElementById('done').hidden");
    }

    /// <summary>Stores a mask; where it shows other tissues than the label, the page asks once.</summary>
    private static async Task StoreDespiteDoubtsAsync(Chromium browser, MaskDrawing masks, bool isLast = false)
    {
        if (await browser.ValueAsync("doubts()") != string.Empty)
        {
            await browser.PressAsync("Enter");
            Assert.Contains("Enter stores it all the same", await browser.ValueAsync("document.getElementById('maskHint').textContent"), StringComparison.Ordinal);
        }

        await masks.StoreAsync(isLast);
    }

    /// <summary>Shapes as pixels, and undoing them, counted on masks that are not shown.</summary>
    private static async Task CheckShapesAsync(Chromium browser)
    {
        const string Prepare = "const m = new MaskImage(10, 10, 4); const n = () => m.counts()[0]; const p = (...xy) => xy.map(([x, y]) => ({ x, y }));";
        foreach (var (expected, script) in new[]
        {
            ("25", "m.polygon(p([2, 2], [7, 2], [7, 7], [2, 7]), 0); return n();"),
            ("25", "m.polygon(p([2, 2], [2, 7], [7, 7], [7, 2]), 0); return n();"),
            ("100", "m.polygon(p([-5, -5], [50, -5], [50, 50], [-5, 50]), 0); return n();"),
            ("0", "m.polygon(p([20, 20], [30, 20], [30, 30]), 0); return n();"),
            ("6", "m.polygon(p([0, 0], [4, 4], [0, 4]), 0); return n();"),

            // An outline that goes around twice leaves no hole.
            ("36", "m.polygon(p([1, 1], [7, 1], [7, 7], [1, 7], [1, 1], [2, 2], [6, 2], [6, 6], [2, 6], [2, 2]), 0); return n();"),
            ("1", "m.stroke({ x: 3.9, y: 3.2 }, { x: 3.9, y: 3.2 }, 1, 0); return n();"),
            ("4", "m.stroke({ x: 4, y: 4 }, { x: 4, y: 4 }, 2, 0); return n();"),
            ("20", "m.stroke({ x: 0, y: 5 }, { x: 10, y: 5 }, 2, 0); return n();"),
            ("0", "m.stroke({ x: -9, y: -9 }, { x: -5, y: -9 }, 3, 0); return n();"),
            ("25,0,25,0", "m.begin(); m.polygon(p([2, 2], [7, 2], [7, 7], [2, 7]), 0); m.end(); const seen = [n()]; m.undo(); seen.push(n()); m.redo(); seen.push(n()); m.begin(); m.fillRest(0); m.cancel(); m.undo(); seen.push(n()); return seen;"),
            ("null,null", "m.begin(); m.fillRest(4); return [String(m.end()), String(m.undo())];"),
        })
        {
            Assert.Equal((script, expected), (script, await browser.ValueAsync($"(() => {{ {Prepare} {script} }})()")));
        }
    }

    private void CheckMasks(TissueDataset dataset)
    {
        var validation = dataset.Patches(DatasetSplit.Validation).ToDictionary(patch => patch.Name);
        Assert.Equal(_masks, validation.Count);
        var polygon = PalettePng.ReadMask(validation[Path.GetFileNameWithoutExtension(_polygon!)].MaskPath!, dataset.Classes).Indices.ToArray();
        Assert.Equal((384 * _unit * _unit, (1024 - 384) * _unit * _unit), (polygon.Count(index => index == 0), polygon.Count(index => index == 1)));

        // What has no answer is the index after the last tissue, which no score counts.
        var brush = PalettePng.ReadMask(validation[Path.GetFileNameWithoutExtension(_brush!)].MaskPath!, dataset.Classes).Indices.ToArray();
        Assert.Equal((0, 2), (brush[(16 * _unit * _side) + (20 * _unit)], brush[(25 * _unit * _side) + (16 * _unit)]));
        Assert.DoesNotContain(dataset.Patches(DatasetSplit.Train), patch => validation.ContainsKey(patch.Name.Split("-[")[0]));
    }

    /// <summary>A place on a patch of 32 px, on one of the size at hand.</summary>
    private static (double X, double Y) At(double x, double y) => (x * _unit, y * _unit);

    /// <summary>Answers what is shown with the truth, and waits for what comes next.</summary>
    private async Task LabelOneAsync(Chromium browser)
    {
        await browser.WaitAsync("!state.busy");
        var (name, shown) = (await browser.ValueAsync("document.getElementById('name').textContent"), await browser.ValueAsync("document.body.dataset.shown"));
        foreach (var (tissue, occurs) in _truth[Path.GetFileNameWithoutExtension(name)].Index())
        {
            if (occurs)
            {
                await browser.PressAsync((tissue + 1).ToString(CultureInfo.InvariantCulture));
            }
        }

        await browser.PressAsync("Enter");
        await browser.WaitAsync($"document.body.dataset.shown !== '{shown}' && !state.busy");
    }

    /// <summary>Takes the last answer back and gives it again, and looks at the patch before.</summary>
    private async Task UndoAndBackAsync(Chromium browser)
    {
        await browser.PictureAsync("labelling");
        var shown = await browser.ValueAsync("document.body.dataset.shown");
        await browser.PressAsync("u");
        await browser.WaitAsync($"document.body.dataset.shown !== '{shown}' && !state.busy");
        Assert.Equal("9", await browser.ValueAsync("state.done"));
        await browser.PressAsync("Enter");
        Assert.Contains("Press Enter again", await browser.ValueAsync("document.getElementById('hint').textContent"), StringComparison.Ordinal);
        await LabelOneAsync(browser);
        Assert.Equal(shown, await browser.ValueAsync("document.body.dataset.shown"));

        await browser.PressAsync("Backspace");
        await browser.WaitAsync($"document.body.dataset.shown !== '{shown}' && !state.busy");
        Assert.Contains("You said", await browser.ValueAsync("document.getElementById('hint').textContent"), StringComparison.Ordinal);
        await browser.ResizeAsync(820, 1180, isDark: true);
        await browser.PictureAsync("tablet-dark");
        await browser.ResizeAsync(1280, 800, isDark: false);
        await browser.PressAsync("Enter");
        await browser.WaitAsync($"document.body.dataset.shown === '{shown}' && !state.busy");
        Assert.Equal("10", await browser.ValueAsync("state.done"));
    }

    /// <summary>Patches of synthetic tissue, named after four slides, one of them hostile.</summary>
    private TissueClasses Draw()
    {
        SyntheticTissue.Write(_folder.Combine("drawn"), new SyntheticTissueOptions { ClassCount = 2, TrainPatches = 20, ValidationPatches = 1, TestPatches = 1, PatchSize = _side, EvaluationSize = _side, Background = false });
        var dataset = TissueDataset.Open(_folder.Combine("drawn"));
        foreach (var (number, patch) in dataset.Patches(DatasetSplit.Train).Index())
        {
            var name = number == 7 ? Hostile : $"slide{number % 4}_x{number}_y0";
            File.Copy(patch.ImagePath, _folder.File($"patches/{name}.png"));
            _truth[name] = [.. patch.Label!];
        }

        return dataset.Classes;
    }
}
