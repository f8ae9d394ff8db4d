using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Decoding;

/// <summary>A network with a decoder, its parameters and a minibatch, and every pass over them that a test may ask for.</summary>
internal sealed unsafe class DecoderCase : IDisposable
{
    private readonly List<IDisposable> _kept = [];

    public DecoderCase(LayerSpec[] specs, Shape input, LossSpec loss, int samples, int seed, float scale = 0.7f)
    {
        Specs = specs;
        Network = Network.Build(specs, input);
        Loss = loss;
        Samples = samples;
        var random = new Random(seed);
        Parameters = Keep(new FloatBuffer(Network.Layout.Length));
        foreach (var parameter in Network.Layout.Parameters)
            Minibatch.Numbers(random, (int)parameter.Length, parameter.IsBias ? 0.3f : scale).CopyTo(Parameters.Slice(parameter.Offset, (int)parameter.Length));
        bool readsTokens = specs[0] is EmbeddingSpec;
        Inputs = readsTokens ? Tokens(random, samples * input.Length, ((EmbeddingSpec)specs[0]).Vocabulary!.Value) : Minibatch.Numbers(random, samples * input.Length);
        int rows = samples * Network.Output[0];
        Values = loss.TakesClasses ? null : Minibatch.Numbers(random, rows * Network.Output[1]);
        Classes = loss.TakesClasses ? [.. Enumerable.Range(0, rows).Select(_ => random.Next(Network.Output[1]))] : null;
        Teacher = Network.Bridge!.ReadsTokens ? Tokens(random, samples * Network.Bridge.Output.Length, Network.Output[1]) : Minibatch.Numbers(random, samples * Network.Bridge.Output.Length);
    }

    public LayerSpec[] Specs { get; }

    public Network Network { get; }

    public LossSpec Loss { get; }

    public int Samples { get; }

    public FloatBuffer Parameters { get; }

    public float[] Inputs { get; set; }

    public float[]? Values { get; set; }

    public int[]? Classes { get; set; }

    public float[]? Teacher { get; set; }

    public float[]? InputMask { get; set; }

    public float[]? TargetMask { get; set; }

    /// <summary>Lengths of the samples' sequences as a mask of their steps: never none.</summary>
    public static float[] Lengths(int samples, int steps) =>
        [.. Enumerable.Range(0, samples * steps).Select(at => at % steps <= ((at / steps * 2) + 1) % steps ? 1f : 0f)];

    public (float[] Gradient, double[] Sums, float[] InputGradient) Train(int shards, TreeNode[] nodes, int threads = 1)
    {
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(Network, Loss, [MetricKind.Loss], Samples, crew);
        replica.UseParameters(Parameters.Pointer, 0);
        var gradients = nodes.Select(_ => new FloatBuffer(Network.Layout.Length)).ToArray();
        foreach (FloatBuffer gradient in gradients)
            gradient.Span.Fill(float.NaN);
        using var inputGradient = new FloatBuffer((long)Samples * Network.Input.Length);
        var sink = new SinkRecord();
        replica.Train(nodes, shards, Samples, Of(shards, nodes), [.. gradients.Select(gradient => (nint)gradient.Pointer)], sink, CancellationToken.None, inputGradient.Pointer);
        Assert.Equal(Network.Layout.Buckets.Select(bucket => bucket.Index).Reverse(), sink.Buckets);
        (float[] sum, double[] sums) = Trainer.Add(SumTree.Root(shards), nodes, [.. gradients.Select(gradient => gradient.Span.ToArray())], [.. sink.Sums.Values]);
        foreach (FloatBuffer gradient in gradients)
            gradient.Dispose();
        return (sum, sums, inputGradient.Span.ToArray());
    }

    public IReadOnlyList<(string Name, double Value)> Evaluate(int shards, TreeNode[] nodes, params MetricKind[] metrics)
    {
        using var crew = new ComputeCrew(1);
        using var replica = new Replica(Network, Loss, metrics, Samples, crew);
        replica.UseParameters(Parameters.Pointer, 0);
        var sink = new SinkRecord();
        replica.Evaluate(nodes, shards, Samples, Of(shards, nodes), sink, CancellationToken.None);
        float[][] nothing = [.. nodes.Select(_ => Array.Empty<float>())];
        return replica.Sums.MetricValues(Trainer.Add(SumTree.Root(shards), nodes, nothing, [.. sink.Sums.Values]).Sums);
    }

    public float[] Predict()
    {
        using var crew = new ComputeCrew(1);
        using var replica = new Replica(Network, Loss, [], Samples, crew);
        replica.UseParameters(Parameters.Pointer, 0);
        using var output = new FloatBuffer((long)Samples * Network.Output.Length);
        replica.Predict(Of(1, SumTree.Root(1)), output.Pointer);
        return output.Span.ToArray();
    }

    public (float[] Outputs, int[] Tokens) Decode(TokenSampler? sampler = null, bool withTeacher = true, int begin = 0)
    {
        using var crew = new ComputeCrew(1);
        using var replica = new Replica(Network, Loss, [], Samples, crew);
        replica.UseParameters(Parameters.Pointer, 0);
        using var output = new FloatBuffer((long)Samples * Network.Output.Length);
        int[] tokens = new int[Samples * Network.Output[0]];
        Batch batch = Of(1, SumTree.Root(1));
        fixed (int* chosen = tokens)
            replica.Decode(withTeacher ? batch : batch with { Teacher = null }, output.Pointer, chosen, begin, sampler);
        return (output.Span.ToArray(), tokens);
    }

    public void Dispose()
    {
        foreach (IDisposable kept in _kept)
            kept.Dispose();
    }

    /// <summary>The samples of the nodes, node after node.</summary>
    private Batch Of(int shards, params TreeNode[] nodes)
    {
        int[] samples = [.. nodes.SelectMany(node =>
        {
            (int start, int end) = SumTree.NodeSamples(node, shards, Samples);
            return Enumerable.Range(start, end - start);
        })];
        int[] classes = GC.AllocateArray<int>((samples.Length * Network.Output[0]) + 1, pinned: true);
        for (int i = 0; i < samples.Length && Classes is not null; i++)
            Classes.AsSpan(samples[i] * Network.Output[0], Network.Output[0]).CopyTo(classes.AsSpan(i * Network.Output[0]));
        return new Batch
        {
            Inputs = Rows(Inputs, samples),
            Count = samples.Length,
            Values = Rows(Values, samples),
            Classes = Classes is null ? null : (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref classes[0]),
            Teacher = Rows(Teacher, samples),
            TeacherLength = Teacher is null ? 0 : Network.Bridge!.Output.Length,
            InputMask = Rows(InputMask, samples),
            TargetMask = Rows(TargetMask, samples),
            Position = new PassPosition(1, 0, 0),
        };
    }

    private float* Rows(float[]? all, int[] samples)
    {
        if (all is null)
            return null;
        int length = all.Length / Samples;
        FloatBuffer rows = Keep(new FloatBuffer((long)samples.Length * length));
        for (int i = 0; i < samples.Length; i++)
            all.AsSpan(samples[i] * length, length).CopyTo(rows.Slice((long)i * length, length));
        return rows.Pointer;
    }

    private T Keep<T>(T disposable)
        where T : IDisposable
    {
        _kept.Add(disposable);
        return disposable;
    }

    private static float[] Tokens(Random random, int count, int vocabulary) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(vocabulary))];
}
