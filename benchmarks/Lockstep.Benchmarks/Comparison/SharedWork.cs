using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// The initial weights and the first minibatches of a job in one .safetensors file, so that another program can do the very same steps: <c>inputs</c> F32
/// [minibatches, N, …], for sequences [minibatches, N, T, D], <c>targets</c> I64 [minibatches, N] or [minibatches, N, T], and the parameters by PyTorch's names.
/// </summary>
internal static unsafe class SharedWork
{
    private const int MostMinibatches = 96;

    /// <summary>A peer that has done all minibatches begins again, so there is no need for more.</summary>
    private const long MostBytes = 64 << 20;

    public static void Write(TrainingPlan plan, string path)
    {
        int batch = plan.Job.Training.Batch;
        int[] shape = [.. Enumerable.Range(0, plan.Network.Input.Rank).Select(axis => plan.Network.Input[axis])];
        int length = batch * plan.Network.Input.Length;
        int targetsLength = plan.Chunks is null ? batch : batch * shape[0];
        // A few are needed to see that the parties agree, whatever they take.
        int minibatches = (int)Math.Clamp(MostBytes / ((long)length * sizeof(float)), 4, MostMinibatches);
        float[] inputs = new float[minibatches * length];
        long[] targets = new long[minibatches * targetsLength];
        using var loader = new MinibatchLoader(plan);
        for (int step = 0; step < minibatches; step++)
        {
            Minibatch minibatch = plan.MinibatchAt(step);
            if (minibatch.Count != batch || (minibatch.Window is { } window && window.Steps != shape[0]))
                throw new InvalidOperationException($"Minibatch {step} of {plan.Job.Name} is not a whole one: the data is too small for {minibatches}.");
            Batch loaded = loader.Load(minibatch);
            new ReadOnlySpan<float>(loaded.Inputs, length).CopyTo(inputs.AsSpan(step * length));
            for (int i = 0; i < targetsLength; i++)
                targets[(step * targetsLength) + i] = loaded.Classes[i];
        }

        using FloatBuffer parameters = InitialParameters.Of(plan, JobSource.OfFolder("."));
        TensorData[] tensors =
        [
            TensorData.Of("inputs", [minibatches, batch, .. shape], inputs),
            TensorData.Of("targets", plan.Chunks is null ? [minibatches, batch] : [minibatches, batch, shape[0]], targets),
            .. ModelTensors.Of(plan.Network.Layout, parameters.Pointer),
        ];
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }
}
