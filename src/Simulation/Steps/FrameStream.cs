using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Timing;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;

namespace Lockstep.Simulation.Steps;

/// <summary>A frame on its way.</summary>
/// <param name="Payload">Bytes without the header.</param>
/// <param name="Received">Told when the receiver's reader has it whole and verified.</param>
internal readonly record struct Frame(int Payload, Action<Moment> Received);

/// <summary>One end of a connection: the thread that writes or reads there, and the link that it does so on.</summary>
internal readonly record struct StreamEnd(SerialThread Thread, Link Link);

/// <summary>
/// One direction of a connection: frames wait for credit, the writer hashes them and hands them to the system, the sender's link and then the
/// receiver's carry them, the reader takes and verifies them. The receiver's link begins with a frame when its first byte has come, not when the last has.
/// </summary>
/// <param name="events">The clock.</param>
/// <param name="costs">What a frame costs.</param>
/// <param name="latency">Seconds from one machine to the other.</param>
/// <param name="credit">Frames that may be sent before any is dealt with.</param>
/// <param name="sender">Where frames come from.</param>
/// <param name="receiver">Where they go.</param>
internal sealed class FrameStream(EventQueue events, StepCosts costs, double latency, int credit, StreamEnd sender, StreamEnd receiver)
{
    private readonly Queue<Frame> _outbox = new();
    private readonly CreditLedger _granted = Opened(credit);
    private int _sendable = credit;

    /// <summary>Queues a frame.</summary>
    /// <param name="ready">The present.</param>
    /// <param name="frame">The frame.</param>
    public void Send(in Moment ready, Frame frame)
    {
        _outbox.Enqueue(frame);
        Pump(ready);
    }

    /// <summary>The receiver has dealt with a frame. What it grants goes ahead of data and takes no time on the link.</summary>
    public void ReturnCredit(in Moment now)
    {
        _granted.Return(1);
        if (!_granted.IsGrantDue)
            return;
        int count = _granted.TakePending();
        Moment arrival = now.After(latency, Activity.Latency);
        events.At(arrival.Seconds, () =>
        {
            _sendable += count;
            Pump(arrival);
        });
    }

    private void Pump(in Moment now)
    {
        while (_sendable > 0 && _outbox.TryDequeue(out Frame frame))
        {
            _sendable--;
            sender.Thread.Post(now, SecondsOf(frame), sent => Carry(sent, frame));
        }
    }

    private void Carry(in Moment sent, Frame frame)
    {
        long bytes = FrameCodec.HeaderLength + frame.Payload;
        (Moment first, Moment last) = sender.Link.Carry(sent, bytes);
        Moment firstArrives = first.After(latency, Activity.Latency), lastArrives = last.After(latency, Activity.Latency);
        events.At(firstArrives.Seconds, () =>
        {
            // Of a slower link before it the last byte comes later than this link alone would take.
            Moment arrived = Moment.Later(lastArrives, receiver.Link.Carry(firstArrives, bytes).Last);
            events.At(arrived.Seconds, () => receiver.Thread.Post(arrived, SecondsOf(frame), received => Receive(received, frame)));
        });
    }

    private void Receive(in Moment received, Frame frame)
    {
        if (!_granted.TryReceive())
            throw new InvalidOperationException("A frame was sent without credit.");
        frame.Received(received);
    }

    private double SecondsOf(Frame frame) => costs.Frame + (frame.Payload * (costs.HashPerByte + costs.CopyPerByte));

    private static CreditLedger Opened(int window)
    {
        var ledger = new CreditLedger(window);
        ledger.TakePending();
        return ledger;
    }
}
