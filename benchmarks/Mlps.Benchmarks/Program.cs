using BenchmarkDotNet.Running;
using Mlps.Benchmarks.Endurance;
using Mlps.Torch.Runtime;

LibTorch.EnsureLoaded();
if (args is ["endurance", .. var rest])
{
    EnduranceRun.Run(rest);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
