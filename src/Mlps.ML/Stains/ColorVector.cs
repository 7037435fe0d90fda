namespace Mlps.ML;

/// <summary>Three numbers, one for each of red, green and blue.</summary>
internal readonly record struct ColorVector(double Red, double Green, double Blue)
{
    public static ColorVector operator *(double factor, ColorVector vector) => new(factor * vector.Red, factor * vector.Green, factor * vector.Blue);

    public static ColorVector operator +(ColorVector one, ColorVector other) => new(one.Red + other.Red, one.Green + other.Green, one.Blue + other.Blue);

    public static ColorVector operator -(ColorVector one, ColorVector other) => one + (-1 * other);

    public double Dot(ColorVector other) => (Red * other.Red) + (Green * other.Green) + (Blue * other.Blue);

    /// <summary>The angle to another vector of length 1 from this one of length 1, in degrees.</summary>
    public double DegreesTo(ColorVector other) => 2 * Math.Asin(Math.Min(1, Math.Sqrt((this - other).Dot(this - other)) / 2)) * 180 / Math.PI;

    public double[] ToArray() => [Red, Green, Blue];
}
