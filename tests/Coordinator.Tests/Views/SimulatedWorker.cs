using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Views;

/// <summary>A version of the parameters as a worker receives it.</summary>
/// <param name="Step">The step that it is for.</param>
/// <param name="Model">The parameters.</param>
/// <param name="View">Number of the view that holds for its step.</param>
internal sealed record Version(long Step, ulong Model, int View);

/// <summary>
/// What a worker does: it takes the newest view that it knows of for its step, looks again when a newer one arrives,
/// and computes its nodes less the leaves that it has done.
/// </summary>
internal sealed class SimulatedWorker(long incarnation)
{
    private readonly Dictionary<int, ClusterView> _views = [];
    private readonly HashSet<(int Channel, int Leaf)> _done = [];

    public long Incarnation { get; } = incarnation;

    public bool IsAlive { get; set; } = true;

    /// <summary>Whether it stands still: nothing reaches it and it computes nothing.</summary>
    public bool IsPaused { get; set; }

    public Version? Held { get; private set; }

    /// <summary>Whether it has computed something of its step, and all that it was given of it.</summary>
    public bool IsDone => _done.Count > 0 && Enumerable.Range(0, ToyTraining.Channels.Count)
        .All(channel => !ToyTraining.Channels.IsPartOf(channel, ToyTraining.WorkOf(Held!.Step)) || ToDo(channel).Count == 0);

    /// <summary>Views on their way; they may overtake each other.</summary>
    public List<ClusterView> IncomingViews { get; } = [];

    /// <summary>Versions on their way, in order.</summary>
    public Queue<Version> IncomingVersions { get; } = [];

    public void Receive(Version version)
    {
        Held = version;
        _done.Clear();
    }

    public void Receive(ClusterView view) => _views[view.Number] = view;

    /// <summary>Leaves that it has to compute, by channel; none while it waits for the view that its version names.</summary>
    public IReadOnlyList<TreeNode> ToDo(int channel)
    {
        if (Held is not { } version || !_views.Keys.Any(number => number >= version.View))
            return [];
        ClusterView? newest = _views.Values.Where(view => view.FromStep <= version.Step).MaxBy(view => view.Number);
        int[] leaves = [.. (newest?.NodesOf(Incarnation) ?? []).SelectMany(node => Enumerable.Range(node.Start, node.Count)).Where(leaf => !_done.Contains((channel, leaf)))];
        return Cut(leaves);
    }

    public void Did(int channel, TreeNode node) => _done.UnionWith(Enumerable.Range(node.Start, node.Count).Select(leaf => (channel, leaf)));

    private static List<TreeNode> Cut(int[] leaves)
    {
        var nodes = new List<TreeNode>();
        for (int first = 0, next; first < leaves.Length; first = next)
        {
            next = first + 1;
            while (next < leaves.Length && leaves[next] == leaves[next - 1] + 1)
                next++;
            nodes.AddRange(SumTree.Decompose(leaves[first], leaves[next - 1] + 1));
        }
        return nodes;
    }
}

/// <summary>The training of the simulation: sums that depend on model, step, channel and leaf, and a model that depends on every bit of them.</summary>
internal static class ToyTraining
{
    public const ulong FirstModel = 0x9e3779b97f4a7c15;

    public static readonly StepChannels Channels = new(GradientBlocks: 2, EvaluationMinibatches: 1);

    public static StepWork WorkOf(long step) => step % 3 == 2 ? StepWork.Train | StepWork.Evaluate : StepWork.Train;

    public static float Leaf(ulong model, long step, int channel, int leaf)
    {
        ulong bits = Mix(model ^ Mix(((ulong)step << 32) | ((ulong)channel << 16) | (uint)leaf));
        return MathF.ScaleB(((int)(bits >> 40) - (1 << 23)) / (float)(1 << 23), (int)(bits & 31) - 16);
    }

    public static float Node(ulong model, long step, int channel, TreeNode node) => node.Count == 1
        ? Leaf(model, step, channel, node.Start)
        : Node(model, step, channel, node.Left) + Node(model, step, channel, node.Right);

    public static ulong Update(ulong model, int channel, float total) =>
        Mix(model ^ Mix(((ulong)channel << 32) | BitConverter.SingleToUInt32Bits(total)));

    /// <summary>The model that a lone worker would end with.</summary>
    public static ulong Alone(int shards, long steps)
    {
        ulong model = FirstModel;
        for (long step = 0; step < steps; step++)
        {
            ulong next = model;
            for (int channel = 0; channel < Channels.Count; channel++)
            {
                if (Channels.IsPartOf(channel, WorkOf(step)))
                    next = Update(next, channel, Node(model, step, channel, SumTree.Root(shards)));
            }
            model = next;
        }
        return model;
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
