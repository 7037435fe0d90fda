using System.Numerics;
using Mlps.Torch.Inference;

namespace Mlps.Onnx.Scoring;

/// <summary>An image as bytes [3, H, W], red first.</summary>
/// <param name="Values">3 H W bytes.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
internal sealed record RgbPlanes(byte[] Values, int Height, int Width)
{
    /// <summary>Copies a window as a network sees it, in its view: [3, h, w].</summary>
    public void Cut<T>(ImageWindow window, Span<T> target)
        where T : INumberBase<T>
    {
        var (rows, columns) = ImageViews.IsTransposed(window.View) ? (window.Width, window.Height) : (window.Height, window.Width);
        var (start, down, right) = ImageViews.Walk(window.View, window.Height, window.Width, Width);
        var at = 0;
        for (var channel = 0; channel < 3; channel++)
        {
            var origin = (channel * Height * Width) + (window.Top * Width) + window.Left + start;
            for (var row = 0; row < rows; row++, origin += down)
            {
                for (int column = 0, from = origin; column < columns; column++, from += right)
                {
                    target[at++] = T.CreateTruncating(Values[from]);
                }
            }
        }
    }
}
