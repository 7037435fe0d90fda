using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Mlps.Torch.Convolutions.Winograd.WinogradTiling;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions.Winograd;

/// <summary>Gᵀ u G in 32 bits and in one pass, which reads memory half as often as sums of tensors.</summary>
internal static class WinogradWeightGradient
{
    private const int Kernel = Taps * Taps;

    /// <summary>The gradient [K, C, 3, 3] from those of the sixteen places, [K, C] each, contiguous and on the host.</summary>
    public static Tensor Compute(IReadOnlyList<Tensor> places)
    {
        var gradient = empty([places[0].shape[0], places[0].shape[1], Taps, Taps], ScalarType.Float32, CPU);
        var (outputs, inputs) = ((int)places[0].shape[0], (int)places[0].shape[1]);
        ParallelLoop.For(outputs, output => ComputeOutput(places, gradient, output, inputs));
        return gradient;
    }

    /// <summary>The gradients of the weights of one output channel.</summary>
    private static void ComputeOutput(IReadOnlyList<Tensor> places, Tensor gradient, int output, int inputs)
    {
        var rows = new Rows(places, output, inputs);
        var target = MemoryMarshal.Cast<byte, float>(gradient.bytes).Slice(output * inputs * Kernel, inputs * Kernel);
        Span<float> taps = stackalloc float[Kernel * Vector<float>.Count];
        for (var first = 0; first < inputs; first += Vector<float>.Count)
        {
            // The last vector may begin within the one before.
            var at = Math.Min(first, inputs - Vector<float>.Count);
            Sum(rows, at, taps);
            for (var channel = 0; channel < Vector<float>.Count; channel++)
            {
                var weights = target.Slice((at + channel) * Kernel, Kernel);
                for (var tap = 0; tap < Kernel; tap++)
                {
                    weights[tap] = taps[(tap * Vector<float>.Count) + channel];
                }
            }
        }
    }

    /// <summary>The nine taps of as many input channels as a vector has lanes, tap by tap.</summary>
    private static void Sum(Rows rows, int at, Span<float> taps)
    {
        for (var column = 0; column < Taps; column++)
        {
            var (a, b, c, d) = (TransformColumn(rows, 0, column, at), TransformColumn(rows, 1, column, at), TransformColumn(rows, 2, column, at), TransformColumn(rows, 3, column, at));
            Taken(a, b, c, d, 0).CopyTo(taps[(column * Vector<float>.Count)..]);
            Taken(a, b, c, d, 1).CopyTo(taps[((Taps + column) * Vector<float>.Count)..]);
            Taken(a, b, c, d, 2).CopyTo(taps[(((2 * Taps) + column) * Vector<float>.Count)..]);
        }
    }

    private static Vector<float> TransformColumn(Rows rows, int row, int column, int at) => Taken(rows.At(row, 0, at), rows.At(row, 1, at), rows.At(row, 2, at), rows.At(row, 3, at), column);

    /// <summary>A row of Gᵀ: u₀+½(u₁+u₂), ½(u₁−u₂), ½(u₁+u₂)+u₃.</summary>
    private static Vector<float> Taken(Vector<float> u0, Vector<float> u1, Vector<float> u2, Vector<float> u3, int row) => row switch
    {
        0 => u0 + (0.5f * (u1 + u2)),
        1 => 0.5f * (u1 - u2),
        _ => (0.5f * (u1 + u2)) + u3,
    };

    /// <summary>One row of each of the sixteen places.</summary>
    private readonly struct Rows(IReadOnlyList<Tensor> places, int row, int length)
    {
        private readonly nint[] _addresses = [.. places.Select(place => AddressOf(place, row, length))];

        public unsafe Vector<float> At(int row, int column, int at) => Vector.Load((float*)_addresses[(row * Tile) + column] + at);

        private static unsafe nint AddressOf(Tensor place, int row, int length) =>
            (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(place.bytes)) + ((nint)row * length * sizeof(float));
    }
}
