using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Failures;

/// <summary>Finds where a number first was not finite, by computing the step's leaves once more, one by one.</summary>
internal static class NonFiniteDiagnosis
{
    /// <summary>Looks on a thread of its own, and lets the step's parameters go.</summary>
    /// <returns>A sentence with layer and leaf; null where every leaf is finite.</returns>
    public static Task<string?> FindAsync(TrainingPlan plan, NotFinite found) =>
        Task.Factory.StartNew(() => Find(plan, found), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static unsafe string? Find(TrainingPlan plan, NotFinite found)
    {
        try
        {
            using var crew = new ComputeCrew(1);
            using Replica replica = plan.CreateReplica(crew);
            using var loader = new MinibatchLoader(plan);
            Minibatch minibatch = plan.MinibatchAt(found.Step);
            TreeNode[] root = [SumTree.Root(plan.Shards)];
            replica.UseParameters(found.Start.Pointer, found.Step);
            return replica.FindNonFinite(root, plan.Shards, minibatch.Count, loader.Load(minibatch, root))?.ToString();
        }
        finally
        {
            found.Start.Unpin();
        }
    }
}
