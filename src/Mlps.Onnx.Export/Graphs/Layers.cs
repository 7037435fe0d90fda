using static Mlps.Onnx.Export.Graphs.GraphBuilder;

namespace Mlps.Onnx.Export.Graphs;

/// <summary>The operators that networks are made of.</summary>
internal static class Layers
{
    public static string Relu(this GraphBuilder graph, string input) => graph.Node("Relu", [input]);

    /// <summary>A ReLU that ends at 6.</summary>
    public static string Relu6(this GraphBuilder graph, string input) => graph.Node("Clip", [input, graph.Constant([0f]), graph.Constant([6f])]);

    public static string Add(this GraphBuilder graph, string first, string second) => graph.Node("Add", [first, second]);

    public static string Multiply(this GraphBuilder graph, string first, string second) => graph.Node("Mul", [first, second]);

    public static string Cast(this GraphBuilder graph, string input, Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType type) => graph.Node("Cast", [input], Number("to", (long)type));

    public static string Concat(this GraphBuilder graph, long axis, params IEnumerable<string> inputs) => graph.Node("Concat", inputs, Number("axis", axis));

    /// <summary>Zeros around [N, C, H, W].</summary>
    public static string Pad(this GraphBuilder graph, string input, long rows, long columns) => graph.Node("Pad", [input, graph.List(0, 0, rows, columns, 0, 0, rows, columns)]);

    /// <summary>The greatest of 3x3 values around every second one.</summary>
    public static string MaxPool(this GraphBuilder graph, string input) =>
        graph.Node("MaxPool", [input], Numbers("kernel_shape", 3, 3), Numbers("strides", 2, 2), Numbers("pads", 1, 1, 1, 1));

    /// <summary>[N, C, 1, 1]: the mean over an image.</summary>
    public static string Mean(this GraphBuilder graph, string input) => graph.Node("GlobalAveragePool", [input]);

    /// <summary>Height and width of a value.</summary>
    public static string Size(this GraphBuilder graph, string input) => graph.Node("Shape", [input], Number("start", 2), Number("end", 4));

    /// <summary>Bilinear, with corners on corners, to the height and width of another value.</summary>
    public static string ResizeLike(this GraphBuilder graph, string input, string other)
    {
        var channels = graph.Node("Shape", [input], Number("start", 0), Number("end", 2));
        var sizes = graph.Concat(0, channels, graph.Size(other));
        return graph.Node("Resize", [input, string.Empty, string.Empty, sizes], Text("mode", "linear"), Text("coordinate_transformation_mode", "align_corners"));
    }

    /// <summary>Bilinear, so many times larger, and cut to the height and width of another value: number i of the input goes to i times the factor.</summary>
    public static string EnlargeLike(this GraphBuilder graph, string input, long factor, string other)
    {
        var channels = graph.Node("Shape", [input], Number("start", 0), Number("end", 2));
        var size = graph.Add(graph.Multiply(graph.Size(input), graph.List(factor, factor)), graph.List(1, 1));
        var padded = graph.Node("Pad", [input, graph.List(0, 0, 0, 0, 0, 0, 1, 1)], Text("mode", "edge"));
        var enlarged = graph.Node(
            "Resize", [padded, string.Empty, string.Empty, graph.Concat(0, channels, size)], Text("mode", "linear"), Text("coordinate_transformation_mode", "align_corners"));
        return graph.Node("Slice", [enlarged, graph.List(0, 0), graph.Size(other), graph.List(2, 3)]);
    }

    /// <summary>[N, C, 1, 1] over the height and width of another value.</summary>
    public static string SpreadLike(this GraphBuilder graph, string input, string other) => graph.Node("Expand", [input, graph.Concat(0, graph.List(1, 1), graph.Size(other))]);

    public static string Softmax(this GraphBuilder graph, string input) => graph.Node("Softmax", [input], Number("axis", 1));

    /// <summary>The number of the greatest channel, the first of equals.</summary>
    public static string Argmax(this GraphBuilder graph, string input, bool keepsChannel) => graph.Node("ArgMax", [input], Number("axis", 1), Number("keepdims", keepsChannel ? 1 : 0));
}
