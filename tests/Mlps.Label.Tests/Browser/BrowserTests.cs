using System.Globalization;
using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Browser;

/// <summary>From patches to a trained model, in a real browser and by keys alone.</summary>
public sealed class BrowserTests : IDisposable
{
    private const string Hostile = "zz <img src=x onerror=alert(1)> \"'&..";

    /// <summary>Patches are small, as training on them takes time; in pictures they are as large as real ones.</summary>
    private static readonly int _side = Chromium.PictureFolder is null ? 32 : 224;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, bool[]> _truth = [];

    [ChromiumFact]
    public async Task LabelByKeys_KilledInBetween_ThenExportAndTrain()
    {
        var classes = Draw();
        string[] arguments = ["--patches", _folder.Combine("patches"), "--labels", _folder.Combine("labels"), "--classes", string.Join(',', classes.Names)];
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
        }

        var export = LabelProcess.Run(["label", .. arguments[..4], "--export", _folder.Combine("dataset"), "--held-out", "0.2"]);
        Assert.True(export.ExitCode == 0, export.Output);
        var dataset = TissueDataset.Open(_folder.Combine("dataset"));
        Assert.All(dataset.Patches(DatasetSplit.Train), patch => Assert.Equal(_truth[Path.GetFileName(patch.ImagePath).Split("-[")[0]], patch.Label));
        Assert.InRange(dataset.Report(DatasetSplit.Train).PatchCount, _truth.Count / 2, _truth.Count - 1);

        var train = LabelProcess.Run(
            "train", "--data", _folder.Combine("dataset"), "--model", _folder.Combine("model.zip"), "--output", _folder.Combine("training"), "--start", "random", "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "4");
        Assert.True(train.ExitCode == 0, train.Output);
        Assert.True(File.Exists(_folder.Combine("model.zip")));
    }

    public void Dispose() => _folder.Dispose();

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
