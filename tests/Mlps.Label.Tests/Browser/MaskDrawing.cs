using System.Globalization;
using Xunit;

namespace Mlps.Label.Tests.Browser;

/// <summary>Draws masks on the page as a person does: with the mouse, fingers and keys. Places are in pixels of the patch.</summary>
internal sealed class MaskDrawing(Chromium browser)
{
    /// <summary>Goes over to drawing, and waits for the first patch.</summary>
    public async Task OpenAsync()
    {
        await browser.PressAsync("m");
        await browser.WaitAsync("document.body.dataset.mask && !state.busy && drawing.tools.mask");
    }

    /// <summary>A polygon by its corners, closed by Enter.</summary>
    public async Task PolygonAsync(params (double X, double Y)[] corners)
    {
        await browser.PressAsync("p");
        foreach (var place in await PlacesAsync(corners))
        {
            await browser.ClickAsync(place);
        }

        Assert.Equal(corners.Length.ToString(CultureInfo.InvariantCulture), await browser.ValueAsync("drawing.tools.points.length"));
        await browser.PressAsync("Enter");
    }

    /// <summary>A stroke of the tool at hand, with the mouse.</summary>
    public async Task StrokeAsync(params (double X, double Y)[] places) => await browser.DragAsync(await PlacesAsync(places));

    /// <summary>A stroke with a finger.</summary>
    public async Task TouchAsync(params (double X, double Y)[] places) => await browser.TouchAsync([.. (await PlacesAsync(places)).Select(place => new[] { place })]);

    /// <summary>Two fingers move apart.</summary>
    public async Task SpreadAsync((double X, double Y) first, (double X, double Y) second, (double X, double Y) firstEnd, (double X, double Y) secondEnd)
    {
        var places = await PlacesAsync(first, second, firstEnd, secondEnd);
        await browser.TouchAsync([places[0]], [places[0], places[1]], [places[2], places[3]]);
    }

    /// <summary>The index of a pixel, as the page has it.</summary>
    public Task<string> PixelAsync(int x, int y) => browser.ValueAsync($"drawing.tools.mask.indices[{y} * drawing.tools.mask.width + {x}]");

    /// <summary>How many pixels have an index.</summary>
    public async Task<int> CountAsync(int index) => int.Parse(await browser.ValueAsync($"drawing.tools.mask.counts()[{index}]"), CultureInfo.InvariantCulture);

    /// <summary>Presses Enter, and waits until the mask is stored and another patch is shown, or none is left.</summary>
    public async Task StoreAsync(bool isLast = false)
    {
        var shown = await browser.ValueAsync("document.body.dataset.mask");
        await browser.PressAsync("Enter");
        await browser.WaitAsync(isLast ? "!state.busy && document.getElementById('maskHint').textContent.startsWith('All masks')" : $"document.body.dataset.mask !== '{shown}' && !state.busy");
    }

    private async Task<(double X, double Y)[]> PlacesAsync(params (double X, double Y)[] places)
    {
        var canvas = (await browser.ValueAsync("(rectangle => [rectangle.left, rectangle.top, drawing.tools.view.scale])(document.querySelector('#stage canvas').getBoundingClientRect())"))
            .Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return [.. places.Select(place => (canvas[0] + (place.X * canvas[2]), canvas[1] + (place.Y * canvas[2])))];
    }
}
