namespace Mlps.ML.Synthetic;

/// <summary>An ellipse: centre and radii in pixels, direction in radians.</summary>
internal readonly record struct Ellipse(float X, float Y, float Along, float Across, float Angle);
