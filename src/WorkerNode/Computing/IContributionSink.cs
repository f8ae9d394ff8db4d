using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;

namespace Lockstep.WorkerNode.Computing;

/// <summary>Takes what a worker has computed to the coordinator.</summary>
public interface IContributionSink
{
    /// <summary>
    /// Makes sure that no contribution is read from memory any more, so that it can be written again. Those of earlier
    /// steps that have not left are dropped: these steps are decided. Those of this step are waited for.
    /// </summary>
    /// <exception cref="OperationCanceledException">The connection has ended, or takes nothing.</exception>
    void AwaitMemory(long step);

    /// <summary>Memory for the gradient of one node: where the coordinator can read it, if it can.</summary>
    /// <param name="length">How many numbers.</param>
    GradientMemory CreateGradient(long length);

    /// <summary>
    /// Sends neighbouring blocks of a gradient, one contribution each. The memory must stay as it is until <see cref="AwaitMemory"/> has returned for a later step, which only comes when this one is
    /// decided; where it is the sender's own, until it has returned for any.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="blocks">The blocks, at least one, in the layout's order; a block's index is its channel.</param>
    /// <param name="node">The node.</param>
    /// <param name="gradient">The node's whole gradient.</param>
    /// <param name="moreFollow">Whether more are sent at once: these need not leave before.</param>
    /// <exception cref="OperationCanceledException">The connection has ended, or takes nothing.</exception>
    void Send(long step, ReadOnlySpan<ParameterBlock> blocks, TreeNode node, GradientMemory gradient, bool moreFollow);

    /// <summary>Sends one contribution. The memory must stay as it is until <see cref="AwaitMemory"/> has returned.</summary>
    /// <param name="step">The step.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="node">The node.</param>
    /// <param name="bits">First byte.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <exception cref="OperationCanceledException">The connection has ended, or takes nothing.</exception>
    unsafe void Send(long step, int channel, TreeNode node, void* bits, int bytes);
}
