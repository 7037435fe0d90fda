namespace Mlps.Torch.Inference;

/// <summary>Windows of one shape that a network sees in one call.</summary>
/// <param name="Windows">The windows, and the numbers of their images.</param>
/// <param name="Bottom">None of them reaches below this row.</param>
/// <param name="Finished">No later call touches the rows above this one.</param>
internal sealed record WindowCall(IReadOnlyList<(ImageWindow Window, int Image)> Windows, int Bottom, int Finished)
{
    /// <summary>Pixels of one network call; more would only cost memory.</summary>
    private const long MaximumPixels = 16 * 224 * 224;

    /// <summary>Height and width of the windows as the network sees them: quarter turns exchange them.</summary>
    public (int Height, int Width) Shape { get; } = Seen(Windows[0].Window);

    /// <summary>The calls that run all windows over so many images of one size, from top to bottom.</summary>
    public static IEnumerable<WindowCall> Of(WindowPlan plan, int images)
    {
        (ImageWindow Window, int Image)[] all = [.. from window in plan.Windows from image in Enumerable.Range(0, images) select (window, image)];
        for (var first = 0; first < all.Length;)
        {
            var shape = Seen(all[first].Window);
            var perCall = (int)Math.Clamp(MaximumPixels / ((long)shape.Height * shape.Width), images, int.MaxValue);
            var some = all.Skip(first).Take(perCall).TakeWhile(one => Seen(one.Window) == shape).ToArray();
            first += some.Length;
            yield return new(some, some.Max(one => one.Window.Bottom), first < all.Length ? all[first].Window.Top : plan.Height);
        }
    }

    private static (int Height, int Width) Seen(ImageWindow window) =>
        ImageViews.IsTransposed(window.View) ? (window.Width, window.Height) : (window.Height, window.Width);
}
