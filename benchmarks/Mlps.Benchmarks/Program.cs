using BenchmarkDotNet.Running;
using Mlps.Torch.Runtime;

LibTorch.EnsureLoaded();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
