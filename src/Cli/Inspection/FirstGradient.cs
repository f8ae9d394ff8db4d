using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>Outputs, loss and gradient of a job's first minibatch, for comparison with another tool.</summary>
internal sealed unsafe class FirstGradient : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly FloatBuffer _parameters;
    private readonly FloatBuffer _gradient;
    private readonly int[] _samples;
    private readonly int[] _rows;
    private readonly int _steps;
    private readonly float[] _outputs;
    private readonly float[]? _inputGradient;
    private readonly float[]? _stateGradient;

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
        Batch batch = loader.Load(minibatch);
        _samples = new ReadOnlySpan<int>(batch.SampleIds, batch.Count).ToArray();
        _rows = [.. Enumerable.Range(0, batch.Count).OrderBy(row => _samples[row])];
        _steps = minibatch.Window?.Steps ?? 0;
        _outputs = new float[(long)batch.Count * LengthOf(plan.Network.Output)];
        bool hasInputGradient = !plan.Data.Training.InputsAreTokens || !plan.Transforms.KeepsTokens;
        _inputGradient = hasInputGradient ? new float[(long)batch.Count * LengthOf(plan.Network.Input)] : null;
        _stateGradient = batch.InitialStates is null ? null : new float[(long)batch.Count * plan.Network.StateWidth];
        fixed (float* inputs = _inputGradient, states = _stateGradient, outputs = _outputs)
        {
            replica.Train(
                [SumTree.Root(plan.Shards)], plan.Shards, minibatch.Count, batch, [(nint)_gradient.Pointer], sums, CancellationToken.None, inputs, states);
            replica.CopyOutputs(outputs);
        }
        long divisor = replica.Sums.Divisor(sums.Total);
        Divide(_inputGradient, divisor);
        Divide(_stateGradient, divisor);
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
    /// <c>parameter.NAME</c>; <c>samples</c>, the numbers of the minibatch's samples in the data set, in rising order, and a row for each of them in
    /// <c>outputs</c>, in <c>gradient.inputs</c> where inputs are no tokens (of inputs as the transforms leave them), and in <c>gradient.LAYER.h0_lLEVEL</c> where the data
    /// gives initial states.
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

        tensors.Add(TensorData.Of("samples", [_rows.Length], _rows.Select(row => (long)_samples[row]).ToArray()));
        tensors.Add(OfRows("outputs", _plan.Network.Output, _outputs));
        if (_inputGradient is not null)
            tensors.Add(OfRows("gradient.inputs", _plan.Network.Input, _inputGradient));
        if (_stateGradient is not null)
            tensors.AddRange(OfStates(_stateGradient));
        using FileStream stream = File.Create(path);
        return SafetensorsWriter.Write(stream, tensors);
    }

    public void Dispose() => _gradient.Dispose();

    private static void Divide(float[]? sums, long divisor)
    {
        for (int i = 0; i < (sums?.Length ?? 0); i++)
            sums![i] /= divisor;
    }

    private int LengthOf(Shape shape) => _steps == 0 ? shape.Length : shape.Length / shape[0] * _steps;

    private TensorData OfRows(string name, Shape shape, float[] values)
    {
        IEnumerable<int> axes = shape.Axes.Select((axis, index) => index == 0 && _steps > 0 ? _steps : axis);
        return TensorData.Of(name, [_rows.Length, .. axes], Rows(values, LengthOf(shape), 0, LengthOf(shape)));
    }

    private IEnumerable<TensorData> OfStates(float[] gradients)
    {
        int offset = 0;
        foreach (Layer layer in _plan.Network.Layers)
        {
            foreach (StateDefinition state in layer.States)
            {
                yield return TensorData.Of($"gradient.{layer.Name}.{state.Name.Insert(1, "0")}", [_rows.Length, state.Width], Rows(gradients, _plan.Network.StateWidth, offset, state.Width));
                offset += state.Width;
            }
        }
    }

    // Some columns of all rows, in the order of the samples' numbers.
    private float[] Rows(float[] values, int stride, int first, int count) =>
        [.. _rows.SelectMany(row => values.AsSpan((row * stride) + first, count).ToArray())];
}
