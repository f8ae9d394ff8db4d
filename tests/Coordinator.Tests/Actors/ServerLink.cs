using System.Collections.Concurrent;
using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Actors;

/// <summary>A link in memory that learns run and term from what it is sent.</summary>
internal sealed unsafe class ServerLink(ParameterLayout layout) : IWorkerLink
{
    private readonly BlockingCollection<float[]> _whole = [];
    private readonly float[] _landing = new float[layout.Length];

    public RunId Run { get; private set; }

    public long Term { get; private set; }

    public float[] Next()
    {
        Assert.True(_whole.TryTake(out float[]? whole, TimeSpan.FromSeconds(30)), "No version within the bound.");
        return whole;
    }

    public void SendBlock(in ParameterBlockKey key, ParameterVersion version, in ParameterBlock block)
    {
        (Run, Term) = (key.Run, key.Term);
        new ReadOnlySpan<float>(version.Pointer + block.Offset, block.Length).CopyTo(_landing.AsSpan((int)block.Offset));
        if (block.Index == layout.Blocks.Count - 1)
            _whole.Add([.. _landing]);
    }

    public bool SendInPlace(in ParameterBlockKey key) => false;

    public void RefuseTerm(in VersionKey present)
    {
        // Nothing that is sent here is of another term.
    }

    public void ReturnCredit()
    {
        // Nothing that is sent here waits for credit.
    }
}
