using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Browser;

/// <summary>The page where the network fails for a moment: nothing that was stored is replaced, and nothing counts as damaged.</summary>
public sealed class LostRequestsTests : IDisposable
{
    private const string LoseOneImage =
        "(() => { const real = HTMLImageElement.prototype.decode; let lost = false; HTMLImageElement.prototype.decode = function () { if (!lost) { lost = true; return Promise.reject(new Error('lost')); } return real.call(this); }; })()";

    private const string LoseMasks = "(() => { window.real = window.fetch; window.fetch = (path, options) => String(path).startsWith('/api/mask/') && !options.body ? Promise.reject(new Error('lost')) : window.real(path, options); })()";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ChromiumFact]
    public async Task ARequestIsLost_WhatIsStoredStays()
    {
        await using var browser = await Chromium.StartAsync();
        using var server = await LabelProcess.StartAsync("--patches", Patches(), "--labels", _folder.Combine("labels"), "--classes", "tumor,stroma", "--held-out", "0.5");
        await browser.OpenAsync(server.Address);
        await browser.WaitAsync("document.readyState === 'complete' && document.querySelector('dialog[open]')");
        await browser.TypeAsync("Anna");
        await browser.PressAsync("Enter");
        await browser.WaitAsync("document.body.dataset.shown && !state.busy");

        await CheckChoiceIsShownAsync(browser);
        await CheckImageIsTriedAgainAsync(browser);
        await browser.WaitAsync("!document.getElementById('done').hidden && !state.busy");
        await CheckMaskStaysAsync(browser);
    }

    /// <summary>What is chosen is shown as before after the question who labels was opened and closed.</summary>
    private static async Task CheckChoiceIsShownAsync(Chromium browser)
    {
        await browser.PressAsync("1");
        await browser.ValueAsync("document.getElementById('person').click()");
        await browser.WaitAsync("document.getElementById('who').open && !state.busy");
        await browser.ValueAsync("document.getElementById('who').close()");

        Assert.Equal("true,false", await browser.ValueAsync("[...document.querySelectorAll('#tissues button')].map(button => button.getAttribute('aria-pressed'))"));
    }

    private static async Task CheckImageIsTriedAgainAsync(Chromium browser)
    {
        await browser.ValueAsync(LoseOneImage);
        for (var number = 0; number < 4; number++)
        {
            var shown = await browser.ValueAsync("document.body.dataset.shown");
            Assert.Equal("1", await browser.ValueAsync("document.querySelectorAll('#patch img').length"));
            if (number > 0)
            {
                await browser.PressAsync("1");
            }

            await browser.PressAsync("Enter");
            await browser.WaitAsync($"document.body.dataset.shown !== '{shown}' && !state.busy");
        }
    }

    /// <summary>A finished mask that cannot be fetched is not shown as a blank one, which the next key would store.</summary>
    private async Task CheckMaskStaysAsync(Chromium browser)
    {
        var masks = new MaskDrawing(browser);
        await masks.OpenAsync();
        await browser.PressAsync("1");
        await browser.PressAsync("f");
        await masks.StoreAsync(isLast: await browser.ValueAsync("drawing.list.length") == "1");
        var path = Assert.Single(Directory.GetFiles(_folder.Combine("labels"), "*.png", SearchOption.AllDirectories));
        var stored = File.ReadAllBytes(path);
        await browser.ValueAsync(LoseMasks);

        await browser.ValueAsync("(drawing.place = drawing.list.findIndex(patch => patch.state === 'finished'), work(showMask), 1)");
        await browser.WaitAsync("!document.getElementById('message').hidden && !state.busy");
        Assert.Equal("true", await browser.ValueAsync("drawing.tools.mask === null"));
        await browser.PressAsync("2");
        await browser.PressAsync("f");
        await browser.PressAsync("Enter");
        await browser.PressAsync("Enter");
        await browser.WaitAsync("!state.busy");
        Assert.Equal(stored, File.ReadAllBytes(path));

        await browser.ValueAsync("(window.fetch = window.real, drawing.place = drawing.list.findIndex(patch => patch.state === 'finished'), work(showMask), 1)");
        await browser.WaitAsync("!state.busy && drawing.tools.mask");
        Assert.Equal(32 * 32, await masks.CountAsync(0));
    }

    private string Patches()
    {
        SyntheticTissue.Write(_folder.Combine("drawn"), new SyntheticTissueOptions { ClassCount = 2, TrainPatches = 4, ValidationPatches = 0, TestPatches = 0, PatchSize = 32, Background = false });
        foreach (var (number, patch) in TissueDataset.Open(_folder.Combine("drawn")).Patches(DatasetSplit.Train).Index())
        {
            File.Copy(patch.ImagePath, _folder.File($"patches/slide{number % 2}_x{number}_y0.png"));
        }

        return _folder.Combine("patches");
    }
}
