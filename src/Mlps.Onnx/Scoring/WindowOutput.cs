namespace Mlps.Onnx.Scoring;

/// <summary>Takes what a graph computed of a window.</summary>
/// <param name="index">The window's number in its call.</param>
/// <param name="values">The window's values, valid during the call.</param>
internal delegate void WindowOutput(int index, ReadOnlySpan<float> values);
