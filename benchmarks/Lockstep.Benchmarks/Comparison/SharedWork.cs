using Lockstep.Benchmarks.Workload;
using Lockstep.Engine.Data;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// The initial weights and the first minibatches of the job in one .safetensors file, so that another program can do the very
/// same steps: <c>inputs</c> F32 [minibatches, N, D], <c>targets</c> I64 [minibatches, N], and <c>parameter.NAME</c>.
/// </summary>
internal static unsafe class SharedWork
{
    /// <summary>Minibatches in the file: 100 MB would not be read faster, and a peer that has done them all begins again.</summary>
    public const int Minibatches = 96;

    public static void Write(string path)
    {
        TrainingPlan plan = MnistMlp.Plan(MnistMlp.DefaultShards);
        int batch = plan.Job.Training.Batch;
        DataSet data = plan.Data.Training;
        float[] inputs = new float[Minibatches * batch * data.InputLength];
        long[] targets = new long[Minibatches * batch];
        using var loader = new MinibatchLoader(plan);
        for (int step = 0; step < Minibatches; step++)
        {
            Batch loaded = loader.Load(plan.MinibatchAt(step));
            new ReadOnlySpan<float>(loaded.Inputs, batch * data.InputLength).CopyTo(inputs.AsSpan(step * batch * data.InputLength));
            for (int i = 0; i < batch; i++)
                targets[(step * batch) + i] = loaded.Classes[i];
        }

        using FloatBuffer parameters = InitialParameters.Of(plan, JobSource.OfFolder("."));
        var tensors = new List<TensorData>
        {
            TensorData.Of("inputs", [Minibatches, batch, data.InputLength], inputs),
            TensorData.Of("targets", [Minibatches, batch], targets),
        };
        foreach (ParameterView parameter in plan.Network.Layout.Parameters)
            tensors.Add(TensorData.Of("parameter." + parameter.Name, parameter.Shape, parameters.Pointer + parameter.Offset));
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }
}
