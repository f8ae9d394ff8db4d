using System.Collections.Concurrent;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Tests.Support;

/// <summary>Counts what became of each frame, by its <see cref="OutgoingFrame.State"/>.</summary>
internal sealed class SendLog : ISendObserver
{
    private readonly ConcurrentDictionary<ulong, ConcurrentQueue<SendOutcome>> _outcomes = [];

    public void Completed(in OutgoingFrame frame, SendOutcome outcome) =>
        _outcomes.GetOrAdd(frame.State, _ => []).Enqueue(outcome);

    public int Count(SendOutcome outcome) => _outcomes.Values.Sum(q => q.Count(o => o == outcome));

    /// <summary>The outcomes that the frame was told: exactly one, if all is well.</summary>
    public SendOutcome[] Of(ulong state) => _outcomes.TryGetValue(state, out var q) ? [.. q] : [];
}
