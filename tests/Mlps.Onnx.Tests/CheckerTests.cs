using System.Diagnostics;
using Mlps.ML;
using Mlps.Onnx.Export;
using Mlps.Testing;
using Mlps.Torch.Networks;
using Xunit;

namespace Mlps.Onnx.Tests;

/// <summary>ONNX's own checker accepts exported files, and its inference of shapes agrees with the outputs that they declare.</summary>
public sealed class CheckerTests : IDisposable
{
    private const string Program =
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
        string[] paths = [_folder.Combine("fixed.onnx"), _folder.Combine("dynamic.onnx")];
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, paths[0], new() { Input = OnnxInput.Bytes });
        model.Context.TissueSegmentation.ExportOnnx(model.Chain, paths[1], new() { Dynamic = true, Uncertainty = true });

        var (code, output) = ProcessRun.ToEnd(new ProcessStartInfo(PythonOnnxTheoryAttribute.Python!, ["-c", Program, .. paths]), TimeSpan.FromMinutes(2));

        Assert.True(code == 0, output);
        Assert.Equal(paths.Select(path => $"checked {path} opset 17"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
