using System.Runtime.ExceptionServices;

namespace Mlps.ML;

/// <summary>Work that another thread may do before it is needed; whoever needs it and finds it not begun does it on the spot.</summary>
/// <remarks>So nobody waits for a thread that is still to come, however busy the thread pool is. What is never needed keeps no thread.</remarks>
internal sealed class WorkAhead(Action work)
{
    /// <summary>A switch of <see cref="AppContext"/>: false where rows must be read by the thread that asks for them, and not before.</summary>
    public const string SwitchName = "Mlps.ML.ReadAhead";

    private readonly object _end = new();
    private int _isTaken;
    private bool _hasEnded;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Whether rows may be read ahead; true unless the host says otherwise.</summary>
    public static bool IsAllowed => !AppContext.TryGetSwitch(SwitchName, out var isOn) || isOn;

    /// <summary>Whether the work has ended, by success or failure.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Lets a thread of the pool do the work as soon as it can.</summary>
    public void Begin() => ThreadPool.QueueUserWorkItem(static ahead => ahead.TryRun(), this, preferLocal: false);

    /// <summary>Returns when the work has ended, and throws what it threw.</summary>
    public void Finish()
    {
        if (!TryRun())
        {
            Wait();
        }

        _failure?.Throw();
    }

    /// <summary>Returns when the work has ended or will never begin.</summary>
    public void Drop()
    {
        if (!TryTake())
        {
            Wait();
        }
    }

    /// <summary>Does the work on the spot where nobody has begun it.</summary>
    /// <returns>Whether it was done here.</returns>
    public bool TryRun()
    {
        if (!TryTake())
        {
            return false;
        }

        try
        {
            work();
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
        finally
        {
            lock (_end)
            {
                _hasEnded = true;
                Monitor.PulseAll(_end);
            }
        }

        return true;
    }

    private void Wait()
    {
        lock (_end)
        {
            while (!_hasEnded)
            {
                Monitor.Wait(_end);
            }
        }
    }

    private bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;
}
