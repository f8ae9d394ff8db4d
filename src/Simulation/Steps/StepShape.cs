using Lockstep.Engine.Parameters;
using Lockstep.Jobs.Planning;

namespace Lockstep.Simulation.Steps;

/// <summary>What of a job a step's course depends on, beside its costs.</summary>
/// <param name="Shards">Leaves of the sum tree.</param>
/// <param name="Samples">Samples of a minibatch.</param>
/// <param name="Layout">Buckets and blocks.</param>
/// <param name="SumsBytes">Bytes of a node's loss, counts and metrics.</param>
public sealed record StepShape(int Shards, int Samples, ParameterLayout Layout, int SumsBytes)
{
    /// <summary>The shape of a training step without an evaluation.</summary>
    public static StepShape Of(TrainingPlan plan) => new(plan.Shards, plan.MinibatchAt(0).Count, plan.Network.Layout, plan.Sums.Length * sizeof(double));
}
