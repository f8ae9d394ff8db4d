using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Views;

/// <summary>
/// Who computes which node of the tree. Every leaf has at least one worker; where it has several, the first copy counts.
/// </summary>
/// <param name="Number">Rises with every view of a term.</param>
/// <param name="FromStep">The first step that it holds for.</param>
/// <param name="Shares">The nodes of every worker, by incarnation.</param>
public sealed record ClusterView(int Number, long FromStep, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Shares)
{
    /// <summary>The nodes of a worker; none where it has no share.</summary>
    public IReadOnlyList<TreeNode> NodesOf(long worker) => Shares.GetValueOrDefault(worker) ?? [];

    /// <summary>How many leaves a worker has.</summary>
    public int LeavesOf(long worker) => NodesOf(worker).Sum(node => node.Count);

    /// <summary>The view as workers are told it.</summary>
    public ViewPublished ToMessage(ulong run, long term) => new(
        run,
        term,
        Number,
        FromStep,
        [.. Shares.OrderBy(share => share.Key).Select(share =>
            new WorkerShare(share.Key, [.. share.Value.Select(node => new LeafRun(node.Start, node.Count))]))]);
}
