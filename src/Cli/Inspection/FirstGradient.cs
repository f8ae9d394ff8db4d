using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>Loss and gradient of a job's first minibatch, for comparison with another tool.</summary>
internal sealed unsafe class FirstGradient : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly FloatBuffer _parameters;
    private readonly FloatBuffer _gradient;

    /// <summary>Computes it.</summary>
    /// <param name="plan">The job with its data.</param>
    /// <param name="parameters">The initial parameters; they stay the caller's.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    public FirstGradient(TrainingPlan plan, FloatBuffer parameters, int threads)
    {
        _plan = plan;
        _parameters = parameters;
        _gradient = new FloatBuffer(plan.Network.Layout.Length);
        using var crew = new ComputeCrew(threads);
        using Replica replica = plan.CreateReplica(crew);
        using var loader = new MinibatchLoader(plan);
        replica.UseParameters(parameters.Pointer, version: 0);
        Minibatch minibatch = plan.MinibatchAt(0);
        var sums = new RootSums(replica.Sums);
        replica.Train(
            [SumTree.Root(plan.Shards)], plan.Shards, minibatch.Count, loader.Load(minibatch), [(nint)_gradient.Pointer], sums, CancellationToken.None);
        long divisor = replica.Sums.Divisor(sums.Total);
        double squares = 0;
        foreach (ParameterBlock block in plan.Network.Layout.Blocks)
            squares += plan.Rule.Prepare(block, _gradient.Pointer + block.Offset, divisor, minibatch.Count, parameters.Pointer);
        Loss = replica.Sums.LossValue(sums.Total) + plan.Rule.PenaltyLoss(parameters.Pointer);
        IsFinite = double.IsFinite(squares) && double.IsFinite(Loss);
    }

    /// <summary>The mean loss (or the sum, where the job says so) with its penalties.</summary>
    public double Loss { get; }

    /// <summary>Whether the loss and every number of the gradient are finite.</summary>
    public bool IsFinite { get; }

    /// <summary>
    /// <c>loss</c>, and for every parameter <c>gradient.NAME</c>, of the loss with its penalties, before clipping, and the initial
    /// <c>parameter.NAME</c>.
    /// </summary>
    /// <returns>The file's SHA-256.</returns>
    public string Write(string path)
    {
        var tensors = new List<TensorData> { TensorData.Of("loss", [], new double[] { Loss }) };
        foreach (ParameterView parameter in _plan.Network.Layout.Trained)
        {
            tensors.Add(TensorData.Of("gradient." + parameter.Name, parameter.Shape, _gradient.Pointer + parameter.Offset));
            tensors.Add(TensorData.Of("parameter." + parameter.Name, parameter.Shape, _parameters.Pointer + parameter.Offset));
        }

        using FileStream stream = File.Create(path);
        return SafetensorsWriter.Write(stream, tensors);
    }

    public void Dispose() => _gradient.Dispose();
}
