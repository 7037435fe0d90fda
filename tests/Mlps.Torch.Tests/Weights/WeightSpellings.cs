namespace Mlps.Torch.Tests.Weights;

/// <summary>How training programs spell the same weights; each file holds the right ones (3 in every value), and some hold others (7).</summary>
internal static class WeightSpellings
{
    private const float Right = 3;
    private const float Other = 7;

    /// <summary>By a name: the content, where the tensors lie, and what is stripped from their names.</summary>
    public static IReadOnlyDictionary<string, (Func<PickledState> File, string Group, string[] Stripped)> All { get; } = Create();

    private static Dictionary<string, (Func<PickledState> File, string Group, string[] Stripped)> Create()
    {
        var all = new Dictionary<string, (Func<PickledState>, string, string[])>();
        foreach (var prefix in new[]
        {
            "", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.", "network.", "encoder.", "backbone.", "model.module.", "module.model.",
            "module.module.", "model._orig_mod.", "net.encoder.", "my_own_name.", "0.", "models.0.net.", "_forward_module.model.", "conv.net.",
        })
        {
            all[$"prefix '{prefix}'"] = (() => new PickledState().State(Right, name => prefix + name), "", prefix.Length == 0 ? [] : [prefix]);
            all[$"state_dict with prefix '{prefix}'"] =
                (() => new PickledState().Begin().Key("epoch").Put(p => p.Integer(3)).Key("state_dict").State(Right, name => prefix + name).End(), "state_dict", prefix.Length == 0 ? [] : [prefix]);
        }

        foreach (var nest in new[]
        {
            "state_dict", "model_state", "model_state_dict", "model", "net", "network", "module", "params", "weights", "generator", "ema", "model_ema", "teacher", "a name of its own",
        })
        {
            all[$"nest '{nest}'"] = (() => new PickledState().Begin().Key(nest).State(Right).End(), nest, []);
            all[$"nest '{nest}' with optimizer"] = (() => Optimizer(new PickledState().Begin().Key("optimizer")).Key("loss").Tensor([], Other).Key(nest).State(Right).End(), nest, []);
            all[$"nest '{nest}.state_dict'"] = (() => new PickledState().Begin().Key(nest).Begin().Key("step").Put(p => p.Integer(3)).Key("state_dict").State(Right).End().End(), $"{nest}.state_dict", []);
        }

        foreach (var average in new[] { "ema", "model_ema", "state_dict_ema", "params_ema", "swa_model", "teacher", "averaged_model" })
        {
            all[$"'{average}' first, 'model' second"] = (() => new PickledState().Begin().Key(average).State(Other).Key("model").State(Right).End(), "model", []);
            all[$"'net' of its own name beside '{average}'"] = (() => new PickledState().Begin().Key(average).State(Other).Key("resnet38").State(Right).End(), "resnet38", []);
        }

        all["another network beside"] = (
            () => new PickledState().Begin().Key("model").State(Other, keep: name => name.StartsWith("bn.", StringComparison.Ordinal), extra: s => s.Key("other").Tensor([5], Other)).Key("net_b").State(Right).End(),
            "net_b", []);
        all["list of one"] = (() => new PickledState().Put(p => p.Op(']').Op('(')).State(Right).Put(p => p.Op('e')), "[0]", []);
        all["tuple with epoch"] = (() => new PickledState().Put(p => p.Op('(').Integer(3)).State(Right).Put(p => p.Op('t')), "[1]", []);
        all["list of models"] = (
            () => new PickledState().Begin().Key("models").Put(p => p.Op(']').Op('(')).Put(p => p.Op('}').Text("x").Integer(1).Op('s')).State(Right).Put(p => p.Op('e')).End(), "models[1]", []);
        all["pairs of name and tensor"] = (Pairs, "", []);
        all["loss and metric outside the prefix"] = (
            () => new PickledState().Begin().Key("state_dict").State(Right, name => "model." + name, s => s.Key("criterion.weight").Tensor([4], Other).Key("accuracy.total").Tensor([], Other)).End(), "state_dict", ["model."]);
        all["average in the same dictionary"] = (
            () => new PickledState().State(Right, name => "model." + name, s => AddAll(s, "ema_model.", Other)), "", ["model."]);
        all["compiled part"] = (() => new PickledState().State(Right, name => name.Replace("bn.", "bn._orig_mod.", StringComparison.Ordinal)), "", ["…_orig_mod."]);
        all["compiled part in a parallel whole"] = (
            () => new PickledState().State(Right, name => "module." + name.Replace("bn.", "bn._orig_mod.", StringComparison.Ordinal)), "", ["module.", "…_orig_mod."]);
        all["parallel part"] = (() => new PickledState().State(Right, name => name.Replace("conv.", "conv.module.", StringComparison.Ordinal)), "", ["…module."]);
        all["encoder and head"] = (
            () => new PickledState().State(Right, name => (name.StartsWith("fc8", StringComparison.Ordinal) ? "head." : "encoder.") + name), "", ["encoder.", "head."]);
        all["dictionaries of parts"] = (
            () => new PickledState().Begin()
                .Key("trunk").State(Right, keep: name => !name.StartsWith("fc8", StringComparison.Ordinal))
                .Key("top").State(Right, keep: name => name.StartsWith("fc8", StringComparison.Ordinal)).End(),
            "", ["trunk.", "top."]);
        all["dictionary of layers"] = (Layers, "", []);
        all["defaultdict of tensors"] = (() => new PickledState().Put(p => p.Global("collections", "defaultdict").Global("builtins", "dict").Raw(0x85).Op('R').Text("state_dict")).State(Right).Put(p => p.Op('s')), "state_dict", []);
        all["dictionary class of its own"] = (() => Custom(new PickledState()), "", []);
        all["attribute of an object"] = (() => new PickledState().Put(p => p.Global("train", "Checkpoint").Op(')').Raw(0x81)).Begin().Key("net").State(Right).End().Put(p => p.Op('b')), "net", []);
        all["whole network"] = (() => Whole(new PickledState()), "", []);
        all["whole network in a checkpoint"] = (() => Whole(new PickledState().Begin().Key("model")).End(), "model", []);
        all["whole network in DataParallel"] = (() => Module(new PickledState(), "torch.nn.parallel.data_parallel", "DataParallel", s => s.Key("module").Put(p => Whole(s))), "", ["module."]);
        foreach ((var name, (_, var write)) in PickledObjects.All)
        {
            all[$"beside: {name}"] = (() => new PickledState().Begin().Key("extra").Put(p => write(p)).Key("model").State(Right).End(), "model", []);
            all[$"within: {name}"] = (() => new PickledState().State(Right, extra: s => s.Key("extra").Put(p => write(p))), "", []);
        }

        return all;
    }

    private static PickledState Optimizer(PickledState state)
    {
        state.Begin().Key("state").Put(p => p.Op('}').Op('('));
        foreach ((var name, var i) in PickledState.Names.Select((name, i) => (name, i)))
        {
            state.Put(p => p.Integer(i)).Begin().Key("step").Tensor([], 1).Key("exp_avg").Tensor([2], Other).Key("exp_avg_sq").Tensor([2], Other).End();
        }

        return state.End().Key("param_groups").Put(p => p.Op(']').Op('(').Op('}').Text("lr").Number(0.1).Op('s').Op('e')).End();
    }

    private static void AddAll(PickledState state, string prefix, float value)
    {
        foreach ((var name, var shape) in PickledState.Tensors)
        {
            state.Key(prefix + name).Tensor(shape, value);
        }
    }

    private static PickledState Pairs()
    {
        var state = new PickledState().Put(p => p.Op(']').Op('('));
        foreach ((var name, var shape) in PickledState.Tensors)
        {
            state.Key(name).Tensor(shape, Right).Put(p => p.Raw(0x86));
        }

        return state.Put(p => p.Op('e'));
    }

    private static PickledState Layers()
    {
        var state = new PickledState().Begin();
        foreach (var layer in PickledState.Tensors.GroupBy(tensor => tensor.Name.Split('.')[0]))
        {
            state.Key(layer.Key).Begin();
            foreach ((var name, var shape) in layer)
            {
                state.Key(name.Split('.')[1]).Tensor(shape, Right);
            }

            state.End();
        }

        return state.End();
    }

    private static PickledState Custom(PickledState state)
    {
        state.Put(p => p.Global("addict", "Dict").Op(')').Raw(0x81).Op('('));
        AddAll(state, "", Right);
        return state.End();
    }

    private static PickledState Whole(PickledState state) => Module(state, "resnet38d", "Net", s =>
    {
        foreach (var layer in PickledState.Tensors.GroupBy(tensor => tensor.Name.Split('.')[0]))
        {
            s.Key(layer.Key);
            Module(s, "torch.nn.modules.conv", "Conv2d", _ => { }, layer.Where(tensor => !IsBuffer(tensor.Name)), layer.Where(tensor => IsBuffer(tensor.Name)));
        }
    });

    private static bool IsBuffer(string name) => name.Contains("running", StringComparison.Ordinal);

    private static PickledState Module(
        PickledState state, string module, string name, Action<PickledState> modules,
        IEnumerable<(string Name, long[] Shape)>? parameters = null, IEnumerable<(string Name, long[] Shape)>? buffers = null)
    {
        state.Put(p => p.Global(module, name).Op(')').Raw(0x81)).Begin().Key("training").Put(p => p.False());
        foreach ((var list, var tensors) in new[] { ("_parameters", parameters), ("_buffers", buffers) })
        {
            state.Key(list).Put(p => p.OrderedDict().Op('('));
            foreach ((var tensor, var shape) in tensors ?? [])
            {
                state.Key(tensor.Split('.')[1]).Tensor(shape, Right);
            }

            if (list == "_buffers")
            {
                state.Key("scratch").Tensor([9], Other).Key("none").Put(p => p.None());
            }

            state.End();
        }

        state.Key("_non_persistent_buffers_set").Put(p => p.Global("builtins", "set").Op(']').Op('(').Text("scratch").Op('e').Raw(0x85).Op('R'));
        state.Key("_modules").Put(p => p.OrderedDict().Op('('));
        modules(state);
        return state.End().End().Put(p => p.Op('b'));
    }
}
