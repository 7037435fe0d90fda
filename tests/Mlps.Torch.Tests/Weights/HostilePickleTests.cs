using System.Text;
using Xunit;
using static Mlps.Torch.Tests.Weights.HostileFile;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Pickles that try to run something: each is refused by the name that it calls, and nothing is executed.</summary>
public sealed class HostilePickleTests
{
    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    [InlineData("__main__", "Net")]
    public void Open_UnknownGlobal_IsRefusedByName(string module, string name)
    {
        var asText = new PickleWriter().Global(module, name).Op('(').Text("echo").Op('t').Op('R').Stop();
        var onStack = new PickleWriter(4).Text(module).Text(name).Raw(0x93).Op(')').Op('R').Stop();

        Assert.All([asText, onStack], pickle => Assert.All([TorchBytes.Zip(pickle), TorchBytes.Legacy(pickle, [])], content =>
        {
            var error = Refused(content);
            Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("nothing was executed", error.Message, StringComparison.Ordinal);
        }));
    }

    [Fact]
    public void Open_UnknownGlobalInOptimizerState_IsRefusedToo()
    {
        var pickle = new PickleWriter().Op('}').Op('(')
            .Text("state_dict").OrderedDict().Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s')
            .Text("optimizer").Global("os", "getcwd").Op(')').Op('R').Op('u').Stop();

        Assert.Contains("'os.getcwd'", Refused(TorchBytes.Zip(pickle, ("0", Six))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("nt", "system")]
    [InlineData("posix", "popen")]
    [InlineData("subprocess", "Popen")]
    [InlineData("subprocess", "Popen.communicate")]
    [InlineData("builtins", "exec")]
    [InlineData("__builtin__", "eval")]
    [InlineData("builtins", "__import__")]
    [InlineData("importlib", "import_module")]
    [InlineData("runpy", "_run_code")]
    [InlineData("ctypes", "CDLL")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("numpy.testing._private.utils", "runstring")]
    public void Open_NameThatOnlyAttacksNeed_IsRefusedBesideSoundWeights(string module, string name)
    {
        // Called, or only mentioned; kept, or thrown away again.
        foreach (var attack in new Func<PickleWriter, PickleWriter>[]
        {
            p => p.Text("x").Global(module, name).Op('(').Text("echo").Op('t').Op('R').Op('s'),
            p => p.Text("x").Global(module, name).Op('s'),
            p => p.Global(module, name).Op('0'),
            p => p.Op('(').Text("echo").Raw(Encoding.UTF8.GetBytes($"i{module}\n{name}\n")).Op('0'),
        })
        {
            var writer = new PickleWriter().Op('}').Text("w").Tensor(p => p.Storage("FloatStorage", "0", 6), 0, [6], [1]).Op('s');

            var error = Refused(TorchBytes.Zip(attack(writer).Stop(), ("0", Six)));

            Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("nothing was executed", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("P", "PERSID")]
    [InlineData("\u0082", "EXT1")]
    [InlineData("\u0083", "EXT2")]
    [InlineData("\u0084", "EXT4")]
    [InlineData("\u0097", "NEXT_BUFFER")]
    public void Open_OpcodeThatNoFileNeeds_IsRefused(string opcode, string meaning)
    {
        var error = Refused(TorchBytes.Zip(new PickleWriter().OrderedDict().Op(opcode[0]).Stop()));

        Assert.True(error.Message.Contains($"opcode 0x{(byte)opcode[0]:X2}", StringComparison.Ordinal), meaning);
    }
}
