using Lockstep.Engine.Data;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Jobs.Tests.Planning;

/// <summary>What a step of a job over sequences is given: lanes, chunks, masks, teachers, states.</summary>
public sealed unsafe class SequenceLoadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-sequences-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_text_is_laid_into_lanes_and_each_step_has_the_next_chunk_of_every_lane()
    {
        File.WriteAllText(Path.Combine(_folder, "text.txt"), "abcdefghijklmnopqrstuvwxyz");
        TrainingPlan plan = Plan("""
            data: { text: { path: text.txt, unit: character } }
            model: [ embedding: { size: 3 }, rnn: { units: 4 }, dense: { units: 26 } ]
            training: { loss: softmaxCrossEntropy, epochs: 2, batch: 3, shards: 2, truncatedBptt: { steps: 3 }, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        // 25 of the 26 letters have a next one: three lanes of eight, in chunks of 3, 3 and 2.
        Assert.Equal((3, 6), (plan.StepsPerEpoch, plan.TotalSteps));
        Assert.Equal([3], plan.Network.Input.Axes);
        using var loader = new MinibatchLoader(plan);
        for (int step = 0; step < 6; step++)
        {
            int first = step % 3 * 3, steps = step % 3 == 2 ? 2 : 3;
            // The second leaf has lanes 1 and 2.
            Batch batch = loader.Load(plan.MinibatchAt(step), [new TreeNode(1, 1)]);
            Assert.Equal((2, steps), (batch.Count, batch.Window!.Value.Steps));
            Assert.Equal(step % 3 == 0 ? StateSource.Start : StateSource.Committed, batch.Window.Value.State);
            Assert.Equal([1, 2], new ReadOnlySpan<int>(batch.SampleIds, 2).ToArray());
            for (int lane = 0; lane < 2; lane++)
            {
                for (int t = 0; t < steps; t++)
                {
                    int letter = ((lane + 1) * 8) + first + t;
                    Assert.Equal(letter, batch.Inputs[(lane * steps) + t]);
                    Assert.Equal(letter + 1, batch.Classes[(lane * steps) + t]);
                }
            }
        }
    }

    [Fact]
    public void One_hot_tokens_of_a_short_last_chunk_stand_close_together()
    {
        File.WriteAllText(Path.Combine(_folder, "text.txt"), "abcabcabcabc");
        TrainingPlan plan = Plan("""
            data: { text: { path: text.txt, unit: character }, transforms: [ oneHot ] }
            model: [ rnn: { units: 4 }, dense: { units: 3 } ]
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 2, shards: 1, truncatedBptt: { steps: 3 }, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        using var loader = new MinibatchLoader(plan);
        Batch batch = loader.Load(plan.MinibatchAt(1));
        // Lanes abcab and cabca: what is left after three are ab and ca.
        Assert.Equal(2, batch.Window!.Value.Steps);
        Assert.Equal([1f, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], new ReadOnlySpan<float>(batch.Inputs, 12).ToArray());
    }

    [Fact]
    public void Masks_teachers_and_states_are_those_of_the_samples()
    {
        WriteTensors(
            TensorData.Of("inputs", [2, 3, 1], new float[] { 1f, 2, 3, 4, 5, 6 }), TensorData.Of("targets", [2, 3], new long[] { 0, 1, 1, 1, 0, 0 }), TensorData.Of("mask", [2, 3], new float[] { 1f, 1, 1, 1, 1, 0 }),
            TensorData.Of("0.h0_l0", [2, 2], new float[] { 0.1f, 0.2f, 0.3f, 0.4f }));
        TrainingPlan plan = Plan("""
            data: { tensors: { path: data.safetensors }, shuffle: false }
            model: [ rnn: { units: 2 }, dense: { units: 2 } ]
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 2, shards: 1, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        using var loader = new MinibatchLoader(plan);
        Batch batch = loader.Load(plan.MinibatchAt(0));
        Assert.Null(batch.Window);
        Assert.Equal([1f, 1, 1, 1, 1, 0], new ReadOnlySpan<float>(batch.InputMask, 6).ToArray());
        Assert.True(batch.TargetMask == batch.InputMask, "steps of the output are those of the input");
        Assert.Equal([0.1f, 0.2f, 0.3f, 0.4f], new ReadOnlySpan<float>(batch.InitialStates, 4).ToArray());
        Assert.Equal([0, 1, 1, 1, 0, 0], new ReadOnlySpan<int>(batch.Classes, 6).ToArray());
    }

    [Fact]
    public void Sequences_longer_than_a_chunk_are_cut_with_all_that_belongs_to_their_steps()
    {
        WriteTensors(
            TensorData.Of("inputs", [1, 5, 2], new float[] { 0f, 1, 2, 3, 4, 5, 6, 7, 8, 9 }), TensorData.Of("targets", [1, 5, 1], new float[] { 10f, 11, 12, 13, 14 }), TensorData.Of("mask", [1, 5], new float[] { 1f, 1, 1, 1, 0 }));
        TrainingPlan plan = Plan("""
            data: { tensors: { path: data.safetensors }, shuffle: false }
            model: [ gru: { units: 2 }, dense: { units: 1 } ]
            training: { loss: l2, epochs: 1, batch: 1, shards: 1, truncatedBptt: { steps: 2, backward: 3 }, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        Assert.Equal(3, plan.StepsPerEpoch);
        using var loader = new MinibatchLoader(plan);
        Batch batch = loader.Load(plan.MinibatchAt(2));
        Assert.Equal(new SequenceWindow(3, 2, 1, 2, StateSource.Committed), batch.Window);
        Assert.Equal([6f, 7, 8, 9], new ReadOnlySpan<float>(batch.Inputs, 4).ToArray());
        Assert.Equal([13f, 14], new ReadOnlySpan<float>(batch.Values, 2).ToArray());
        Assert.Equal([1f, 0], new ReadOnlySpan<float>(batch.InputMask, 2).ToArray());
    }

    [Theory]
    [InlineData("tokens", "[ dense: { units: 2 } ]", "Begin the model with an embedding")]
    [InlineData("masked", "[ timeDelay: { filters: 2, delays: 1 }, rnn: { units: 2 }, dense: { units: 2 } ]", "end in padding")]
    [InlineData("masked", "[ rnn: { units: 2 }, lastStep, dense: { units: 2 } ]", "a class at each of 3 steps")]
    public void Data_that_a_model_cannot_take_is_refused_with_what_to_do(string data, string model, string reason)
    {
        if (data == "tokens")
            WriteTensors(TensorData.Of("inputs", [2, 3], new long[] { 0, 1, 2, 2, 1, 0 }), TensorData.Of("targets", [2, 3], new long[] { 0, 1, 1, 1, 0, 0 }));
        else
            WriteTensors(TensorData.Of("inputs", [2, 3, 1], new float[] { 1f, 2, 3, 4, 5, 6 }), TensorData.Of("targets", [2, 3], new long[] { 0, 1, 1, 1, 0, 0 }), TensorData.Of("mask", [2, 3], new float[] { 1f, 1, 1, 1, 1, 0 }));
        string text = $$"""
            data: { tensors: { path: data.safetensors } }
            model: {{model}}
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 2, shards: 1, optimizer: { sgd: { learningRate: 0.1 } } }
            """;
        Exception fault = Assert.ThrowsAny<Exception>(() => Plan(text));
        Assert.True(fault is DataException or ShapeException, fault.ToString());
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_running_statistics_leave_those_as_they_start()
    {
        WriteTensors(TensorData.Of("inputs", [4, 2], new float[] { 1f, 2, 3, 4, 5, 6, 7, 8 }), TensorData.Of("targets", [4, 2], new float[] { 1f, 2, 3, 4, 5, 6, 7, 8 }));
        string weights = Path.Combine(_folder, "weights.safetensors");
        using (FileStream stream = File.Create(weights))
            SafetensorsWriter.Write(stream, [TensorData.Of("0.weight", [2], new float[] { 3f, 4 }), TensorData.Of("0.bias", [2], new float[] { 5f, 6 })]);
        TrainingPlan plan = Plan("""
            data: { tensors: { path: data.safetensors } }
            model: [ batchNorm ]
            weights: { from: weights.safetensors }
            training: { loss: l2, epochs: 1, batch: 4, shards: 1, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        using FloatBuffer parameters = InitialParameters.Of(plan, JobSource.OfFolder(_folder));
        float[] Of(string name) => parameters.Slice(plan.Network.Layout[name].Offset, 2).ToArray();
        Assert.Equal([3f, 4], Of("0.weight"));
        Assert.Equal([5f, 6], Of("0.bias"));
        Assert.Equal([0f, 0], Of("0.running_mean"));
        Assert.Equal([1f, 1], Of("0.running_var"));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void Weights_that_are_not_finite_are_refused_with_their_place(float number, string name)
    {
        WriteTensors(TensorData.Of("inputs", [1, 2], new float[] { 1f, 2 }), TensorData.Of("targets", [1, 1], new float[] { 1f }));
        using (FileStream stream = File.Create(Path.Combine(_folder, "weights.safetensors")))
            SafetensorsWriter.Write(stream, [TensorData.Of("0.weight", [1, 2], new float[] { 3f, number }), TensorData.Of("0.bias", [1], new float[] { 0f })]);
        TrainingPlan plan = Plan("""
            data: { tensors: { path: data.safetensors } }
            model: [ dense: { units: 1 } ]
            weights: { from: weights.safetensors }
            training: { loss: l2, epochs: 1, batch: 1, shards: 1, optimizer: { sgd: { learningRate: 0.1 } } }
            """);
        DataException fault = Assert.Throws<DataException>(() => InitialParameters.Of(plan, JobSource.OfFolder(_folder)));
        Assert.Contains($"Number 1 of '0.weight' is {name}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("weights.reinitialize", fault.Message, StringComparison.Ordinal);
    }

    private void WriteTensors(params TensorData[] tensors)
    {
        using FileStream stream = File.Create(Path.Combine(_folder, "data.safetensors"));
        SafetensorsWriter.Write(stream, tensors);
    }

    private TrainingPlan Plan(string text)
    {
        JobSource files = JobSource.OfFolder(_folder);
        return TrainingPlan.Create(JobFile.Parse(text, "job.yaml", files: files), files);
    }
}
