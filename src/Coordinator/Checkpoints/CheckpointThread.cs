using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>What came of writing a checkpoint.</summary>
/// <param name="Step">The step.</param>
/// <param name="Checkpoint">What was written; null where it failed.</param>
/// <param name="Failure">Why it failed.</param>
public sealed record CheckpointOutcome(long Step, WrittenCheckpoint? Checkpoint, Exception? Failure);

/// <summary>Writes checkpoints one after another on a thread of its own, beside the training. Disposing of it writes what is still queued.</summary>
public sealed class CheckpointThread : IDisposable
{
    private readonly CheckpointWriter _writer;
    private readonly Action<CheckpointOutcome> _done;
    private readonly Mailbox<TrainingSnapshot> _queue = new();
    private readonly Thread _thread;

    /// <param name="writer">Writes one checkpoint.</param>
    /// <param name="done">Told of each outcome, on the thread; must not block.</param>
    public CheckpointThread(CheckpointWriter writer, Action<CheckpointOutcome> done)
    {
        (_writer, _done) = (writer, done);
        _thread = new Thread(Run) { Name = "checkpoints", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Queues a snapshot, which is disposed of once it is written.</summary>
    public void Post(TrainingSnapshot snapshot)
    {
        if (!_queue.Post(snapshot))
            snapshot.Dispose();
    }

    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
    }

    private void Run()
    {
        while (_queue.Take(out TrainingSnapshot snapshot))
        {
            using (snapshot)
                _done(Write(snapshot));
        }
    }

    private CheckpointOutcome Write(TrainingSnapshot snapshot)
    {
        try
        {
            return new CheckpointOutcome(snapshot.Step, _writer.Write(snapshot), null);
        }
        catch (Exception e)
        {
            return new CheckpointOutcome(snapshot.Step, null, e);
        }
    }
}
