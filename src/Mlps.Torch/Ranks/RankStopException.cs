namespace Mlps.Torch.Ranks;

/// <summary>The ranks have agreed to stop, since one of them was asked to.</summary>
internal sealed class RankStopException : OperationCanceledException
{
    public RankStopException()
        : base("One of the ranks was asked to stop; all of them have.")
    {
    }

    public RankStopException(string message)
        : base(message)
    {
    }

    public RankStopException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
