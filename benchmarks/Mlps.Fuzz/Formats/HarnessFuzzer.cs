using Mlps.Torch.Tests.Weights.Fuzzing;

namespace Mlps.Fuzz.Formats;

/// <summary>Cases that end in every way that a case can end, by their numbers.</summary>
internal sealed class HarnessFuzzer : IFormatFuzzer
{
    public const int Read = 0;
    public const int Refused = 1;
    public const int Failed = 2;
    public const int Crashed = 3;
    public const int Hung = 4;
    public const int Greedy = 5;
    public const int Endless = 6;
    public const int Count = 7;

    private const int GreedyBytes = 256 << 20;

    public void WarmUp()
    {
    }

    public FuzzCase Run(int number)
    {
        switch (number % Count)
        {
            case Failed:
                throw new FuzzFailureException("failed on purpose.", null);
            case Crashed:
                Environment.FailFast("crashed on purpose");
                break;
            case Hung:
                Thread.Sleep(Timeout.Infinite);
                break;
            case Greedy:
                Fill();
                break;
            case Endless:
                var kept = new List<byte[]>();
                while (true)
                {
                    kept.Add(Fill());
                }
        }

        return new FuzzCase(number % Count is not Refused, 0, "no file");
    }

    public void Dispose()
    {
    }

    private static byte[] Fill()
    {
        var bytes = new byte[GreedyBytes];
        Array.Fill(bytes, (byte)1);
        return bytes;
    }
}
