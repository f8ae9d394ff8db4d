using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>A model's outputs for inputs that nobody has labelled.</summary>
internal sealed unsafe class Prediction
{
    private const string Inputs = "inputs";

    private Prediction(int count, int outputLength, float[] outputs) => (Count, OutputLength, Outputs) = (count, outputLength, outputs);

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>Numbers a sample.</summary>
    public int OutputLength { get; }

    /// <summary>[N, <see cref="OutputLength"/>]; before the softmax, where the loss has one.</summary>
    public float[] Outputs { get; }

    /// <summary>Runs the model over the tensor <c>inputs</c>, F32 [N, input shape], of a .safetensors file.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="path">The file; other tensors in it are not looked at.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    /// <param name="layer">The layer whose outputs are wanted; null for the last.</param>
    /// <exception cref="SafetensorsException">The file is missing or damaged.</exception>
    /// <exception cref="DataException">It has not the inputs that the model takes.</exception>
    public static Prediction Of(TrainingPlan plan, float* parameters, string path, int threads, int? layer = null)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        TensorEntry entry = Check(plan, file);
        int inputLength = plan.Data.Training.InputLength, outputLength = plan.Network.Layers[layer ?? (plan.Network.Layers.Count - 1)].Output.Length;
        int count = entry.Shape[0], batch = plan.Job.Training.Batch;
        float[] outputs = new float[checked((long)count * outputLength)];
        using var crew = new ComputeCrew(threads);
        using Replica replica = plan.CreateReplica(crew);
        using var samples = new FloatBuffer((long)batch * inputLength);
        using var transformed = new FloatBuffer((long)batch * plan.Transforms.OutputLength);
        replica.UseParameters(parameters, version: 0);
        for (int first = 0; first < count; first += batch)
        {
            int taken = Math.Min(batch, count - first);
            file.CopyRunTo(Inputs, (long)first * inputLength, samples.Slice(0, taken * inputLength));
            for (int sample = 0; sample < taken; sample++)
                plan.Transforms.Apply(samples.Pointer + ((long)sample * inputLength), transformed.Pointer + ((long)sample * plan.Transforms.OutputLength), SampleVisit.Evaluation);
            fixed (float* output = &outputs[(long)first * outputLength])
            {
                var taking = new Batch { Inputs = transformed.Pointer, Count = taken };
                // Nobody teaches what nobody has labelled: a decoder reads what it gave.
                if (layer is not null || plan.Network.Bridge is null)
                    replica.PredictLayer(taking, layer ?? (plan.Network.Layers.Count - 1), output);
                else
                    replica.Decode(taking, output, begin: Math.Max(0, plan.Data.Training.TargetVocabulary?.BeginToken ?? 0));
            }
        }

        return new Prediction(count, outputLength, outputs);
    }

    /// <summary>The class with the largest output; of equal ones the first.</summary>
    public int ClassOf(int sample)
    {
        ReadOnlySpan<float> row = Row(sample);
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }

        return best;
    }

    /// <summary>softmax(outputs) at the class: exp(y_c − max y) / Σ exp(y_i − max y).</summary>
    public double ProbabilityOf(int sample, int outputClass)
    {
        ReadOnlySpan<float> row = Row(sample);
        double largest = row[ClassOf(sample)], sum = 0;
        foreach (float output in row)
            sum += Math.Exp(output - largest);
        return Math.Exp(row[outputClass] - largest) / sum;
    }

    /// <summary>The outputs of one sample.</summary>
    public ReadOnlySpan<float> Row(int sample) => Outputs.AsSpan(sample * OutputLength, OutputLength);

    private static TensorEntry Check(TrainingPlan plan, SafetensorsFile file)
    {
        IReadOnlyList<int> shape = plan.Data.Training.InputShape;
        if (!file.Contains(Inputs))
            throw new DataException(file.Path, "It has no tensor 'inputs'.", $"Give one of type F32 and shape [N, {string.Join(", ", shape)}].");
        TensorEntry entry = file[Inputs];
        if (entry.Type != TensorType.F32 || entry.Shape.Count == 0 || !entry.Shape.Skip(1).SequenceEqual(shape) || entry.Shape[0] < 1)
            throw new DataException(file.Path, $"Its tensor {entry} is not what the model takes.", $"Give F32 [N, {string.Join(", ", shape)}] with N from 1 up.");
        return entry;
    }
}
