using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>
/// A worker: begins a step when the whole version is there, computes all its nodes together, and sends their sums after the forward pass and each bucket's blocks
/// as soon as the backward pass has left it, node by node, the last block first.
/// </summary>
/// <param name="shape">The job.</param>
/// <param name="costs">What computing costs.</param>
/// <param name="nodes">Its nodes of the sum tree.</param>
/// <param name="inPlace">Whether its gradients are read where they lie.</param>
/// <param name="speed">How many times as fast it computes as was measured.</param>
/// <param name="threads">Compute threads.</param>
/// <param name="engine">The thread that computes.</param>
internal sealed class SimulatedWorker(
    StepShape shape, StepCosts costs, IReadOnlyList<TreeNode> nodes, bool inPlace, double speed, int threads, SerialThread engine)
{
    private readonly NodeTimes _times = costs.Compute.Of(nodes.Sum(node => node.Count));
    private ServerConnection[] _servers = [];
    private int _missing;
    private int _version;

    /// <summary>Its nodes of the sum tree.</summary>
    public IReadOnlyList<TreeNode> Nodes => nodes;

    /// <summary>Connects it.</summary>
    public void Connect(ServerConnection[] servers)
    {
        _servers = servers;
        _missing = FramesOfAVersion;
    }

    /// <summary>Begins the first step: it holds version 0.</summary>
    public void Begin(in Moment now) => Load(now);

    /// <summary>A block of the next version has come, or word of where the whole version lies.</summary>
    public void Arrived(in Moment now, ServerConnection from)
    {
        from.ToWorker.ReturnCredit(now);
        if (--_missing > 0)
            return;
        _missing = FramesOfAVersion;
        _version++;
        foreach (ServerConnection server in _servers)
            server.Notify(now);
        Load(now);
    }

    private int FramesOfAVersion => inPlace ? 1 : shape.Layout.Blocks.Count;

    private void Load(in Moment now)
    {
        // The version before is let go as soon as the engine has begun with the new one.
        if (_version > 0)
        {
            foreach (ServerConnection server in _servers)
                server.Notify(now);
        }
        Compute(now, _times.SumsReady, forward =>
        {
            foreach (TreeNode node in nodes)
                _servers[0].Contribute(forward, shape.Layout.Blocks.Count, node, shape.SumsBytes);
            Backward(forward, shape.Layout.Buckets.Count - 1, _times.SumsReady);
        });
    }

    private void Backward(in Moment now, int bucket, double since)
    {
        if (bucket < 0)
        {
            if (_times.Total > since)
                Compute(now, _times.Total - since, static _ => { });
            return;
        }
        double ready = Math.Max(since, _times.BucketReady[bucket]);
        Compute(now, ready - since, done =>
        {
            foreach (TreeNode node in nodes)
                Contribute(done, shape.Layout.Buckets[bucket], node);
            Backward(done, bucket - 1, ready);
        });
    }

    // Of blocks that are read where they lie one frame to each server tells; others travel one by one.
    private void Contribute(in Moment now, GradientBucket bucket, TreeNode node)
    {
        (int Channel, int Bytes)[] parts =
            [.. Enumerable.Range(bucket.FirstBlock, bucket.BlockCount).Reverse().Select(index => (index, shape.Layout.Blocks[index].Length * sizeof(float)))];
        if (!inPlace)
        {
            foreach ((int channel, int bytes) in parts)
                _servers[channel % _servers.Length].Contribute(now, channel, node, bytes);
            return;
        }
        foreach (IGrouping<int, (int Channel, int Bytes)> part in parts.GroupBy(part => part.Channel % _servers.Length))
            _servers[part.Key].Contribute(now, [.. part], node, InPlaceBlocks.Size);
    }

    private void Compute(in Moment now, double seconds, Action<Moment> done) => engine.Post(now, seconds / speed, done, threads);
}
