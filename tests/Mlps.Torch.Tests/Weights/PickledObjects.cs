namespace Mlps.Torch.Tests.Weights;

/// <summary>Objects as Python's pickle writes them beside weights, each in the opcodes of the real thing.</summary>
internal static class PickledObjects
{
    /// <summary>Every object with the class that a report names it by; null where it is plain data.</summary>
    public static IReadOnlyDictionary<string, (string? Type, Func<PickleWriter, PickleWriter> Write)> All { get; } =
        new Dictionary<string, (string?, Func<PickleWriter, PickleWriter>)>
        {
            ["Namespace"] = ("argparse.Namespace", p => p.Global("argparse", "Namespace").Op(')').Raw(0x81).Op('}').Op('(').Text("lr").Number(0.1).Text("names").Op(']').Op('u').Op('b')),
            ["Namespace in protocol 1"] = ("argparse.Namespace", p => p.Global("copy_reg", "_reconstructor").Op('(').Global("argparse", "Namespace")
                .Global("__builtin__", "object").None().Op('t').Op('R').Op('}').Text("lr").Number(0.1).Op('s').Op('b')),
            ["NumPy array"] = ("numpy.ndarray", p => NumpyArray(p, "numpy.core.multiarray")),
            ["NumPy 2 array"] = ("numpy.ndarray", p => NumpyArray(p, "numpy._core.multiarray")),
            ["NumPy scalar"] = (null, p => p.Global("numpy.core.multiarray", "scalar").Op('(').Global("numpy", "dtype").Op('(').Text("f8").False().True().Op('t').Op('R')
                .Op('C').Raw(8).Raw(BitConverter.GetBytes(0.5)).Op('t').Op('R')),
            ["NumPy scalar of odd type"] = (null, p => p.Global("numpy.core.multiarray", "scalar").Op('(').Global("numpy", "dtype").Op('(').Text("M8").False().True().Op('t').Op('R')
                .Op('C').Raw(8).Raw(new byte[8]).Op('t').Op('R')),
            ["NumPy random state"] = ("numpy.random._pickle.__randomstate_ctor", p => p.Global("numpy.random._pickle", "__randomstate_ctor").Op('(').Text("MT19937").Op('t').Op('R')),
            ["Path"] = ("pathlib.PosixPath", p => p.Global("pathlib", "PosixPath").Op('(').Text("/").Text("home").Op('t').Op('R')),
            ["set"] = ("builtins.set", p => p.Global("__builtin__", "set").Op(']').Op('(').Integer(1).Integer(2).Op('e').Raw(0x85).Op('R')),
            ["set in protocol 4"] = ("builtins.set", p => p.Raw(0x8F).Raw(0x94).Op('(').Integer(1).Text("a").Raw(0x90)),
            ["frozenset"] = ("builtins.frozenset", p => p.Op('(').Integer(1).Raw(0x91)),
            ["datetime"] = ("datetime.datetime", p => p.Global("datetime", "datetime").Op('C').Raw(10).Raw(new byte[10]).Raw(0x85).Op('R')),
            ["defaultdict"] = ("collections.defaultdict", p => p.Global("collections", "defaultdict").Global("__builtin__", "list").Raw(0x85).Op('R').Text("a").Op(']').Op('s')),
            ["Counter"] = ("collections.Counter", p => p.Global("collections", "Counter").Op('}').Integer(3).Integer(1).Op('s').Raw(0x85).Op('R')),
            ["deque"] = ("collections.deque", p => p.Global("collections", "deque").Op(')').Integer(10).Raw(0x86).Op('R').Op('(').Integer(1).Integer(2).Op('e')),
            ["dataclass"] = ("train.Config", p => p.Global("train", "Config").Op(')').Raw(0x81).Op('}').Text("width").Integer(64).Op('s').Op('b')),
            ["class with keywords"] = ("train.Config", p => p.Global("train", "Config").Op(')').Op('}').Text("width").Integer(64).Op('s').Raw(0x92)),
            ["class with slots"] = ("train.Point", p => p.Global("train", "Point").Op(')').Raw(0x81).None().Op('}').Text("x").Integer(1).Op('s').Raw(0x86).Op('b')),
            ["old class"] = ("train.Old", p => p.Op('(').Raw("itrain\nOld\n"u8).Op('}').Op('b')),
            ["old class on the stack"] = ("train.Old", p => p.Op('(').Global("train", "Old").Integer(1).Op('o')),
            ["named tuple"] = ("train.Shape", p => p.Global("train", "Shape").Integer(1).Integer(2).Raw(0x86).Raw(0x81)),
            ["partial"] = ("functools.partial", p => p.Global("functools", "partial").Global("train", "loss").Raw(0x85).Op('R')
                .Op('(').Global("train", "loss").Op(')').Op('}').None().Op('t').Op('b')),
            ["bound method"] = ("builtins.getattr", p => p.Global("builtins", "getattr").Op('(').Global("train", "Net").Text("from_pretrained").Op('t').Op('R')),
            ["enum"] = ("train.Mode", p => p.Global("train", "Mode").Integer(2).Raw(0x85).Op('R')),
            ["enum by name on the stack"] = ("train.Mode", p => p.Text("train").Text("Mode").Raw(0x93).Integer(2).Raw(0x85).Op('R')),
            ["function"] = ("train.collate", p => p.Global("train", "collate")),
            ["lambda by dill"] = ("dill._dill._create_function", p => p.Global("dill._dill", "_create_function").Op('(').Global("dill._dill", "_create_code").Op(')').Op('R').Op('}').Op('t').Op('R')),
            ["activation"] = ("torch.nn.modules.activation.ReLU", p => p.Global("torch.nn.modules.activation", "ReLU").Op(')').Raw(0x81).Op('}').Text("inplace").True().Op('s').Op('b')),
            ["configuration of its own dictionary class"] = ("yacs.config.CfgNode", p => p.Global("yacs.config", "CfgNode").Op(')').Raw(0x81).Op('(').Text("LR").Number(0.1).Op('u')
                .Op('}').Text("__immutable__").False().Op('s').Op('b')),
            ["device"] = (null, p => p.Global("torch", "device").Text("cuda").Integer(0).Raw(0x86).Op('R')),
            ["dtype"] = (null, p => p.Global("torch", "float16")),
            ["dtype that is new"] = ("torch.float8_e4m3fn", p => p.Global("torch", "float8_e4m3fn")),
            ["size"] = (null, p => p.Global("torch", "Size").Integer(3).Integer(4).Raw(0x86).Raw(0x85).Op('R')),
            ["bytes"] = (null, p => p.Op('C').Raw(2).Raw(1, 2)),
            ["complex"] = ("builtins.complex", p => p.Global("builtins", "complex").Number(1).Number(2).Raw(0x86).Op('R')),
            ["large integer"] = (null, p => p.Raw(0x8A, 12).Raw(new byte[12])),
        };

    private static PickleWriter NumpyArray(PickleWriter p, string module) => p
        .Global(module, "_reconstruct").Op('(').Global("numpy", "ndarray").Integer(0).Raw(0x85).Op('C').Raw(1).Raw((byte)'b').Op('t').Op('R')
        .Op('(').Integer(1).Integer(2).Raw(0x85).Global("numpy", "dtype").Op('(').Text("f8").False().True().Op('t').Op('R')
        .Op('(').Integer(3).Text("<").None().None().None().Integer(-1).Integer(-1).Integer(0).Op('t').Op('b')
        .False().Op('C').Raw(16).Raw(new byte[16]).Op('t').Op('b');
}
