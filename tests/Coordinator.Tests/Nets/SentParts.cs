using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.WorkerNode.Computing;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>One contribution: the sum of one node in one channel.</summary>
internal readonly record struct SentPart(int Channel, TreeNode Node, byte[] Bits);

/// <summary>Keeps what a worker's computation sends, and can break its connection in the middle.</summary>
internal sealed unsafe class SentParts : IContributionSink
{
    /// <summary>What was sent since it was last taken.</summary>
    public List<SentPart> Parts { get; private set; } = [];

    /// <summary>After so many contributions nothing more is sent.</summary>
    public int BreaksAfter { get; set; } = int.MaxValue;

    /// <summary>Told before each contribution how many were sent.</summary>
    public Action<int> Sending { get; set; } = _ => { };

    public List<SentPart> Take()
    {
        List<SentPart> parts = Parts;
        Parts = [];
        return parts;
    }

    public void AwaitMemory(long step)
    {
    }

    public GradientMemory CreateGradient(long length) => new(length);

    public void Send(long step, ReadOnlySpan<ParameterBlock> blocks, TreeNode node, GradientMemory gradient, bool moreFollow)
    {
        for (int i = blocks.Length - 1; i >= 0; i--)
            Send(step, blocks[i].Index, node, gradient.Pointer + blocks[i].Offset, blocks[i].Length * sizeof(float));
    }

    public void Send(long step, int channel, TreeNode node, void* bits, int bytes)
    {
        Sending(Parts.Count);
        if (Parts.Count >= BreaksAfter)
            throw new OperationCanceledException("The worker is dead.");
        Parts.Add(new SentPart(channel, node, new ReadOnlySpan<byte>(bits, bytes).ToArray()));
    }
}
