using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Tests.Parameters;

/// <summary>A small job, what a lone worker's engine computes of it, and the loop that training is: no server, no tree of contributions.</summary>
internal sealed unsafe class LonePlan : IDisposable
{
    private readonly ComputeCrew _crew = new(1);
    private readonly Replica _replica;
    private readonly MinibatchLoader _loader;
    private long _version;

    public LonePlan(
        string training = "", string evaluation = "everySteps: 2", string model = "flatten, dense: { units: 10 }", string optimizer = "sgd: { learningRate: 0.1, momentum: 0.9 }", int steps = 6)
    {
        Plan = TrainingPlan.Create(JobFile.Parse($$"""
            data: { dataset: digits, limit: 100, transforms: [ scale: 1/16 ], validation: { fraction: 0.2 } }
            model: [ {{model}} ]
            training: { loss: softmaxCrossEntropy, steps: {{steps}}, batch: 24, shards: 8, optimizer: { {{optimizer}} } {{training}} }
            evaluation: { {{evaluation}}, metrics: [accuracy] }
            checkpoint: { everySteps: 3 }
            """, "job.yaml"), JobSource.OfFolder("."));
        _replica = Plan.CreateReplica(_crew);
        _loader = new MinibatchLoader(Plan);
    }

    public TrainingPlan Plan { get; }

    public ParameterLayout Layout => Plan.Network.Layout;

    public StartingPoint Start() => new(0, InitialParameters.Of(Plan, JobSource.OfFolder(".")), [.. Plan.Rule.StateNames.Select(_ => new FloatBuffer(Layout.Length))]);

    /// <summary>Everything that one worker sends for some nodes of a step: channel, node, and the bytes.</summary>
    public List<(int Channel, TreeNode Node, byte[] Bits)> Compute(long step, float* parameters, TreeNode node)
    {
        var sent = new List<(int, TreeNode, byte[])>();
        using var gradient = new FloatBuffer(Layout.Length);
        _replica.UseParameters(parameters, _version++);
        if (Plan.TrainsAt(step))
        {
            Minibatch minibatch = Plan.MinibatchAt(step);
            var sink = new SumsSink();
            _replica.Train([node], Plan.Shards, minibatch.Count, _loader.Load(minibatch, [node]), [(nint)gradient.Pointer], sink, CancellationToken.None);
            foreach (ParameterBlock block in Layout.Blocks)
                sent.Add((block.Index, node, new ReadOnlySpan<byte>(gradient.Pointer + block.Offset, block.Length * sizeof(float)).ToArray()));
            sent.Add((Layout.Blocks.Count, node, sink.Bytes));
        }
        for (int i = 0; Plan.EvaluatesAt(step) && i < Plan.EvaluationMinibatches; i++)
        {
            Minibatch minibatch = Plan.EvaluationMinibatch(i);
            var sink = new SumsSink();
            _replica.Evaluate([node], Plan.Shards, minibatch.Count, _loader.Load(minibatch, [node]), sink, CancellationToken.None);
            sent.Add((Layout.Blocks.Count + 1 + i, node, sink.Bytes));
        }
        return sent;
    }

    /// <summary>The parameters after all steps, by the plain loop.</summary>
    public float[] Train()
    {
        using FloatBuffer first = Start().Parameters;
        using var current = new FloatBuffer(Layout.Length);
        using var next = new FloatBuffer(Layout.Length);
        first.Span.CopyTo(current.Span);
        FloatBuffer[] state = [.. Plan.Rule.StateNames.Select(_ => new FloatBuffer(Layout.Length))];
        double[] squares = new double[Layout.Blocks.Count];
        for (long step = 0; step < Plan.TotalSteps; step++)
        {
            List<(int Channel, TreeNode Node, byte[] Bits)> sent = Compute(step, current.Pointer, SumTree.Root(Plan.Shards));
            double[] sums = Doubles(sent[Layout.Blocks.Count].Bits);
            foreach (ParameterBlock block in Layout.Blocks)
            {
                fixed (byte* bits = sent[block.Index].Bits)
                    squares[block.Index] = Plan.Rule.Prepare(block, (float*)bits, Plan.Sums.Divisor(sums), StepSums.SampleCount(sums), current.Pointer);
            }
            ClipDecision clip = Plan.Rule.Decide(squares);
            foreach (ParameterBlock block in Layout.Blocks)
            {
                fixed (byte* bits = sent[block.Index].Bits)
                    Assert.True(Plan.Rule.Apply(block, (float*)bits, clip, step, current.Pointer, next.Pointer, [.. state.Select(buffer => (nint)buffer.Pointer)]));
            }
            next.Span.CopyTo(current.Span);
        }
        foreach (FloatBuffer buffer in state)
            buffer.Dispose();
        return current.Span.ToArray();
    }

    public void Dispose()
    {
        _replica.Dispose();
        _loader.Dispose();
        _crew.Dispose();
    }

    private static double[] Doubles(byte[] bits) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(bits).ToArray();

    private sealed class SumsSink : IStepSink
    {
        public byte[] Bytes { get; private set; } = [];

        public void BucketReady(int bucket)
        {
        }

        public void SumsReady(int node, ReadOnlySpan<double> sums) => Bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(sums).ToArray();
    }
}
