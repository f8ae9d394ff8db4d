using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Parameters;

/// <summary>The parameter server's side of the data plane to one worker. No call blocks.</summary>
public interface IWorkerLink
{
    /// <summary>Queues one block of a version, which stays pinned until the block has left or never will.</summary>
    void SendBlock(in ParameterBlockKey key, ParameterVersion version, in ParameterBlock block);

    /// <summary>Tells the worker of a version that lies in memory which both share, and which stays pinned until the worker lets it go.</summary>
    /// <param name="key">The version and its view; the block is the number of its segment.</param>
    /// <returns>False where this worker shares no memory: the blocks must be sent.</returns>
    bool SendInPlace(in ParameterBlockKey key);

    /// <summary>Tells the worker that it works for a term that has passed.</summary>
    void RefuseTerm(in VersionKey present);

    /// <summary>A contribution has been dealt with: the worker may send one more.</summary>
    void ReturnCredit();
}
