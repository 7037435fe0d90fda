namespace Mlps.Onnx.Scoring;

/// <summary>Takes finished rows of an image.</summary>
/// <param name="top">The number of the first one.</param>
/// <param name="rows">How many there are.</param>
/// <param name="values">Channel c of pixel x of row y at <c>(c * channelLength) + (y * W) + x</c>; may be changed.</param>
/// <param name="channelLength">From one channel to the next.</param>
internal delegate void RowTaker(int top, int rows, Span<float> values, int channelLength);
