using Lockstep.Engine.Data;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>Evaluates a model on samples, minibatch after minibatch in the order of the file, as a run evaluates its validation part.</summary>
internal static unsafe class Evaluation
{
    /// <summary>The loss without penalties, and the job's metrics.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="data">The samples; inputs and targets as the model has them.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    public static IReadOnlyList<(string Name, double Value)> Of(TrainingPlan plan, float* parameters, DataSet data, int threads)
    {
        using var crew = new ComputeCrew(threads);
        using Replica replica = plan.CreateReplica(crew);
        using var loader = new MinibatchLoader(plan);
        replica.UseParameters(parameters, version: 0);
        EvaluationSchedule schedule = plan.ScheduleOf(data);
        var sums = new RootSums(replica.Sums);
        for (int i = 0; i < schedule.Count; i++)
        {
            Minibatch minibatch = schedule[i];
            replica.Evaluate([SumTree.Root(plan.Shards)], plan.Shards, minibatch.Count, loader.Load(minibatch), sums, CancellationToken.None);
        }

        return replica.Sums.MetricValues(sums.Total);
    }
}
