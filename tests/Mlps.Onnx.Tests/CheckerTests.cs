using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch.Networks;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>ONNX's own checker accepts exported files, and its inference of shapes agrees with the outputs that they declare.</summary>
public sealed class CheckerTests : IDisposable
{
    private const string Checks =
        """
        import sys, onnx
        from onnx import shape_inference
        for path in sys.argv[1:]:
            onnx.checker.check_model(path, full_check=True)
            model = onnx.load(path)
            declared = {output.name: output for output in model.graph.output}
            del model.graph.output[:]
            model.graph.output.extend([onnx.helper.make_empty_tensor_value_info(name) for name in declared])
            inferred = {output.name: output for output in shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph.output}
            for name, output in declared.items():
                expected, found = output.type.tensor_type, inferred[name].type.tensor_type
                if expected.elem_type != found.elem_type or (found.HasField("shape") and len(expected.shape.dim) != len(found.shape.dim)):
                    sys.exit(f"{path}: {name} is declared {expected} and inferred {found}")
                for i, (one, other) in enumerate(zip(expected.shape.dim, found.shape.dim)):
                    if one.dim_value and other.dim_value and one.dim_value != other.dim_value:
                        sys.exit(f"{path}: size {i} of {name} is declared {one.dim_value} and inferred {other.dim_value}")
            print("checked", path, "opset", model.opset_import[0].version)
        """;

    /// <summary>Writes a graph whose outputs are all its values, and what is known of each value before the graph runs: its type, and numbers, names or nothing for its sizes.</summary>
    private const string Infers =
        """
        import json, sys, onnx
        from onnx import helper, shape_inference
        source, probed = sys.argv[1:]
        model = onnx.load(source)
        graph = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
        known = {value.name: value.type.tensor_type for value in [*graph.value_info, *graph.output]}
        sizes = lambda tensor: [dim.dim_value or dim.dim_param or None for dim in tensor.shape.dim] if tensor.HasField("shape") else None
        print(json.dumps({name: [tensor.elem_type, sizes(tensor)] for name, tensor in known.items()}))
        outputs = {output.name for output in model.graph.output}
        model.graph.output.extend([helper.make_tensor_value_info(name, known[name].elem_type, None) for node in model.graph.node for name in node.output if name not in outputs])
        onnx.save(model, probed)
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PythonOnnxTheory]
    [InlineData(ClassifierEncoder.ResNet38, BackboneKind.Compact)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet18)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.ResNet)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Drn)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.MobileNet)]
    [InlineData(ClassifierEncoder.ResNet18, BackboneKind.Xception)]
    public void Checker_AcceptsFilesOfEveryEncoder(ClassifierEncoder classifier, BackboneKind backbone)
    {
        using var model = new SmallModel(classifier, backbone, steps: 0);
        using var table = new ImageTable(model.Context, (SmallModel.Patch, SmallModel.Patch));
        string[] paths = [_folder.Combine("fixed.onnx"), _folder.Combine("dynamic.onnx"), _folder.Combine("int8.onnx")];
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, paths[0], new() { Input = OnnxInput.Bytes });
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, paths[1], new() { Dynamic = true, Uncertainty = true });
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, paths[2], new() { CalibrationImages = table.View });

        var (code, output) = ProcessRun.ToEnd(new ProcessStartInfo(PythonOnnxTheoryAttribute.Python!, ["-c", Checks, .. paths]), TimeSpan.FromMinutes(2));

        Assert.True(code == 0, output);
        Assert.Equal(paths.Select(path => $"checked {path} opset 17"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
    /// <summary>What ONNX infers of all values of a graph without running it is what ONNX Runtime computes.</summary>
    [PythonOnnxTheory]
    [InlineData(false, 1, SmallModel.Patch, SmallModel.Patch)]
    [InlineData(true, 2, 77, 91)]
    public void InferredShapes_OfAllValues_AreThoseOfOnnxRuntime(bool dynamic, int count, int height, int width)
    {
        var model = SmallModel.Shared;
        var (source, probed) = (_folder.Combine("model.onnx"), _folder.Combine("probed.onnx"));
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, source, new() { Dynamic = dynamic, Uncertainty = true });
        var (code, output) = ProcessRun.ToEnd(new ProcessStartInfo(PythonOnnxTheoryAttribute.Python!, ["-c", Infers, source, probed]), TimeSpan.FromMinutes(2));
        Assert.True(code == 0, output);
        var inferred = JsonSerializer.Deserialize<Dictionary<string, JsonElement[]>>(output)!;

        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(probed, settings);
        using var run = new RunOptions();
        using var image = OrtValue.CreateTensorValueFromMemory(new float[3 * count * height * width], [count, 3, height, width]);
        using var values = session.Run(run, [OnnxExport.ImageName], [image], session.OutputNames);

        var named = new Dictionary<string, long> { ["N"] = count, ["H"] = height, ["W"] = width };
        var (sizes, known) = (0, 0);
        foreach (var (name, value) in session.OutputNames.Zip(values))
        {
            var (type, shape) = (inferred[name][0].GetInt32(), inferred[name][1]);
            var actual = value.GetTensorTypeAndShape();
            Assert.True(type == (int)actual.ElementDataType, $"{name} is inferred to be of type {type}, and is {actual.ElementDataType}.");
            Assert.True(shape.ValueKind is JsonValueKind.Array && shape.GetArrayLength() == actual.Shape.Length, $"{name} is inferred as {shape}, and has the sizes {string.Join(", ", actual.Shape)}.");
            foreach (var (expected, size) in shape.EnumerateArray().Zip(actual.Shape))
            {
                sizes++;
                if (expected.ValueKind is JsonValueKind.Number || (expected.ValueKind is JsonValueKind.String && named.ContainsKey(expected.GetString()!)))
                {
                    known++;
                    Assert.True(size == (expected.ValueKind is JsonValueKind.Number ? expected.GetInt64() : named[expected.GetString()!]), $"{name} is inferred as {shape}, and has the sizes {string.Join(", ", actual.Shape)}.");
                }
            }
        }

        // Most values are known before the graph runs, or there would be nothing to compare.
        Assert.True(values.Count > 100 && known >= (dynamic ? 0.5 : 0.9) * sizes, $"{known} of {sizes} sizes of {values.Count} values were inferred.");
    }
}
