using System.Collections.Frozen;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Python names that run programs, code or commands, or reach out of the process.</summary>
/// <remarks>
/// No checkpoint of weights needs them; attacks do. Nothing is ever executed here, so an unknown name does no harm. A file that holds one of these harms whoever loads it
/// elsewhere, so it is refused instead of passed over. The list only warns; it does not protect Python programs that unpickle.
/// </remarks>
internal static class HostileGlobals
{
    // Whole modules, with what lies below them.
    private static readonly FrozenSet<string> Modules = FrozenSet.Create(
        StringComparer.Ordinal,
        "os", "posix", "nt", "subprocess", "_posixsubprocess", "sys", "pty", "shutil", "socket", "_socket", "ctypes", "_ctypes",
        "importlib", "_frozen_importlib", "pkgutil", "runpy", "bdb", "pdb", "timeit", "cProfile", "pydoc", "idlelib", "lib2to3", "distutils",
        "pickle", "_pickle", "cPickle", "marshal", "webbrowser", "urllib", "urllib2", "ftplib", "smtplib", "telnetlib", "asyncio", "multiprocessing.util",
        "pip", "ensurepip", "torch.hub", "torch.package", "torch.utils.cpp_extension", "torch.utils.model_zoo");

    private static readonly FrozenSet<string> Builtins = FrozenSet.Create(
        StringComparer.Ordinal,
        "eval", "exec", "execfile", "compile", "__import__", "open", "file", "input", "raw_input", "breakpoint", "exit", "quit",
        "globals", "locals", "vars", "delattr", "setattr", "apply");

    private static readonly FrozenSet<string> Members = FrozenSet.Create(
        StringComparer.Ordinal,
        "torch.load", "torch.save", "torch.jit.load", "torch.serialization.load", "torch.serialization.save", "torch.storage._load_from_bytes",
        "numpy.load", "numpy.save", "numpy.fromfile", "numpy.testing._private.utils.runstring", "io.open", "io.FileIO", "_io.open", "_io.FileIO",
        "codecs.open", "code.InteractiveInterpreter", "code.InteractiveConsole", "code.interact", "commands.getoutput", "commands.getstatusoutput",
        "cProfile.run", "profile.run", "trace.Trace", "imp.load_source", "requests.get", "requests.post", "requests.request", "requests.api.request",
        "dill.loads", "dill.load", "cloudpickle.loads", "cloudpickle.load", "joblib.load", "pandas.read_pickle");

    // Plain values that live in those modules.
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
        StringComparer.Ordinal,
        "os.stat_result", "os.terminal_size", "os.uname_result", "os.times_result", "posix.stat_result", "posix.uname_result", "posix.times_result", "nt.stat_result",
        "os.PathLike", "sys.version_info",
        "urllib.parse.ParseResult", "urllib.parse.SplitResult");

    public static bool Contains(string module, string name)
    {
        var full = $"{module}.{name}";
        if (Harmless.Contains(full))
        {
            return false;
        }

        var first = name.Split('.')[0];
        return module is "builtins" or "__builtin__" or "__builtins__" ? Builtins.Contains(first)
            : Members.Contains(full) || Below(module);
    }

    private static bool Below(string module)
    {
        for (var end = module.Length; end > 0; end = module.LastIndexOf('.', end - 1))
        {
            if (Modules.Contains(module[..end]))
            {
                return true;
            }
        }

        return false;
    }
}
