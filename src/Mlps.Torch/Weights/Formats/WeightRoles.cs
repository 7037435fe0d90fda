namespace Mlps.Torch.Weights.Formats;

/// <summary>What tensors are for, as far as names tell; the lower value is preferred where several fit a network equally well.</summary>
internal enum WeightRole
{
    /// <summary>Under a name that programs give to a network's weights.</summary>
    Weights,

    /// <summary>At the root, or under a name that says nothing.</summary>
    Unknown,

    /// <summary>A running average, or a teacher that is one.</summary>
    Averaged,

    /// <summary>An optimizer's moments, gradients.</summary>
    Optimizer,
}

/// <summary>Tells roles from names.</summary>
internal static class WeightRoles
{
    // In the order of preference.
    private static readonly string[] Known =
    [
        "state_dict", "model_state_dict", "model_state", "model", "network", "net", "module", "params", "weights",
        "model_weights", "network_state_dict", "net_state_dict", "_orig_mod",
    ];

    private static readonly string[] AveragedParts = ["ema", "swa", "averaged", "average", "avg", "teacher", "momentum", "shadow", "target"];
    private static readonly string[] OptimizerParts = ["optim", "optimizer", "optimizers", "optimiser", "scheduler", "scaler", "grad", "grads", "exp", "buffer"];

    public static WeightRole Find(IReadOnlyList<string> path)
    {
        var role = WeightRole.Unknown;
        foreach (var name in path)
        {
            var parts = name.ToLowerInvariant().Split('_', '-', ' ', '.');
            if (parts.Any(OptimizerParts.Contains))
            {
                return WeightRole.Optimizer;
            }

            if (parts.Any(AveragedParts.Contains))
            {
                role = WeightRole.Averaged;
            }
            else if (role != WeightRole.Averaged && Known.Contains(name))
            {
                role = WeightRole.Weights;
            }
        }

        return role;
    }

    /// <summary>Position of the last known name on a path among the preferred ones; their count where there is none.</summary>
    public static int Rank(IReadOnlyList<string> path)
    {
        for (var i = path.Count - 1; i >= 0; i--)
        {
            var rank = Array.IndexOf(Known, path[i]);
            if (rank >= 0)
            {
                return rank;
            }
        }

        return Known.Length;
    }
}
