using Lockstep.Engine.Trees;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>A worker's connection to one machine of the parameter server.</summary>
/// <param name="worker">Who works at one end.</param>
/// <param name="server">Who adds at the other.</param>
/// <param name="toServer">The direction of contributions.</param>
/// <param name="toWorker">The direction of versions.</param>
internal sealed class ServerConnection(SimulatedWorker worker, SimulatedServer server, FrameStream toServer, FrameStream toWorker)
{
    public FrameStream ToServer => toServer;

    public FrameStream ToWorker => toWorker;

    /// <summary>Sends a node's part of a channel.</summary>
    /// <param name="now">The present.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="node">The node.</param>
    /// <param name="bytes">Its bytes.</param>
    public void Contribute(in Moment now, int channel, TreeNode node, int bytes) => Contribute(now, [(channel, bytes)], node, bytes);

    /// <summary>Sends a node's parts of some channels in one frame.</summary>
    /// <param name="now">The present.</param>
    /// <param name="parts">The channels, and the bytes that are added to each.</param>
    /// <param name="node">The node.</param>
    /// <param name="payload">Bytes that travel: as many, or those that say where they lie.</param>
    public void Contribute(in Moment now, IReadOnlyList<(int Channel, int Bytes)> parts, TreeNode node, int payload) =>
        toServer.Send(now, new Frame(payload, received => server.Take(received, parts, node, this)));

    /// <summary>Sends a part of a version.</summary>
    public void SendVersion(in Moment now, int payload) => toWorker.Send(now, new Frame(payload, received => worker.Arrived(received, this)));

    /// <summary>Says that a version is held, or is let go: a header that nobody waits for.</summary>
    public void Notify(in Moment now) => toServer.Send(now, new Frame(0, received => toServer.ReturnCredit(received)));
}
