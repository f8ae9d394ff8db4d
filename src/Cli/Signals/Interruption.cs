using System.Runtime.InteropServices;

namespace Lockstep.Cli.Signals;

/// <summary>
/// Takes SIGINT and SIGTERM: the first asks to stop in good order, the second ends the process at once. The same signal
/// again within <see cref="OneRequest"/> is the same request: <c>timeout</c> and some supervisors send it to the process
/// and then to its group.
/// </summary>
public sealed class Interruption : IDisposable
{
    /// <summary>So close together, two equal signals are one.</summary>
    public static readonly TimeSpan OneRequest = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action<int> _stop;
    private readonly Action<int> _endAtOnce;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private long _firstAt;
    private int _first;

    /// <param name="time">The clock.</param>
    /// <param name="stop">Called once, with the first signal's number; must not block.</param>
    /// <param name="endAtOnce">Called with every later one's number; does not return in the product.</param>
    public Interruption(TimeProvider time, Action<int> stop, Action<int> endAtOnce)
    {
        _time = time;
        _stop = stop;
        _endAtOnce = endAtOnce;
    }

    /// <summary>The number of the first signal; null while none came.</summary>
    public int? Signal => Volatile.Read(ref _first) is > 0 and int number ? number : null;

    /// <summary>Starts to listen to the system's signals.</summary>
    /// <param name="ignoreInterrupt">A launched worker ignores SIGINT: the terminal sends it to the whole group, and its launcher decides.</param>
    public Interruption Listen(bool ignoreInterrupt = false)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (!ignoreInterrupt)
                Receive(2);
        }));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Receive(15);
        }));
        return this;
    }

    /// <summary>What a signal does.</summary>
    public void Receive(int signal)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = _first == 0;
            if (isFirst)
                (_first, _firstAt) = (signal, _time.GetTimestamp());
            else if (signal == _first && _time.GetElapsedTime(_firstAt) < OneRequest)
                return;
        }
        if (isFirst)
            _stop(signal);
        else
            _endAtOnce(signal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
