using Mlps.Torch.Runtime;
using TorchSharp;

namespace Mlps.Torch.LoadProbe;

/// <summary>Loads libtorch in a process of its own, computes, and reports; the tests read what it prints.</summary>
public static class Program
{
    /// <summary>Runs the probe.</summary>
    /// <param name="args"><c>first</c>: call EnsureLoaded before TorchSharp; <c>hook</c>: only touch a type of Mlps.Torch before TorchSharp.</param>
    /// <returns>0, or 1 with the error's message on the error stream.</returns>
    public static int Main(string[] args)
    {
        try
        {
            if (args is ["first"])
            {
                LibTorch.EnsureLoaded();
            }
            else
            {
                LibTorch.Diagnose();
            }

            Console.WriteLine($"sum {Sum()}");
            Console.WriteLine($"cuda {torch.cuda.is_available()}");
            Console.WriteLine(LibTorch.Diagnose());
            return 0;
        }
        catch (Exception exception) when (exception is LibTorchLoadException or TypeInitializationException)
        {
            Console.Error.WriteLine(exception.GetBaseException().Message);
            Console.Error.WriteLine(LibTorch.Diagnose());
            return 1;
        }
    }

    private static float Sum()
    {
        using torch.Tensor sum = torch.ones(3).sum();
        return sum.item<float>();
    }
}
