using System.Diagnostics;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Losses;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Steps;

/// <summary>One kernel of the step.</summary>
/// <param name="Name">Which.</param>
/// <param name="Flops">Multiplications and additions of a product; 0 for what only moves numbers.</param>
/// <param name="Milliseconds">How long.</param>
internal sealed record KernelTime(string Name, double Flops, Distribution Milliseconds);

/// <summary>
/// The kernels of one step of a stack of dense and relu layers, called one by one in the order and at the shapes of the real
/// step, each timed by itself: where the replica's time goes.
/// </summary>
internal sealed unsafe class StepAnatomy : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ComputeCrew _crew;
    private readonly Loss _loss;
    private readonly int[] _bounds;
    private readonly double[] _losses;
    private readonly double[] _terms;
    private readonly List<DenseBuffers> _layers = [];
    private readonly List<(string Name, double Flops)> _kernels = [];
    private readonly List<long> _ticks = [];
    private readonly FloatBuffer _input;
    private readonly FloatBuffer _classes;
    private int _kernel;
    private long _mark;

    public StepAnatomy(TrainingPlan plan, int threads)
    {
        _plan = plan;
        _crew = new ComputeCrew(threads);
        _loss = Loss.Create(plan.Loss, plan.Network.Output);
        Samples = plan.Job.Training.Batch;
        _losses = new double[Samples];
        _terms = new double[Samples];
        _bounds = [.. Enumerable.Range(0, plan.Shards).Select(leaf => SumTree.LeafSamples(leaf, plan.Shards, Samples).Start), Samples];
        foreach (Layer layer in plan.Network.Layers.Where(layer => layer.Parameters.Count > 0))
            _layers.Add(new DenseBuffers(Samples, layer.Input.Length, layer.Output.Length));
        _input = new FloatBuffer((long)Samples * plan.Network.Input.Length);
        _classes = new FloatBuffer(Samples);
        Fill();
    }

    private int Samples { get; }

    public IReadOnlyList<KernelTime> Measure(Repetition repetition)
    {
        List<long[]> runs = repetition.Measure(Run);
        return [.. _kernels.Select((kernel, i) => new KernelTime(kernel.Name, kernel.Flops, Distribution.Of(runs.Select(run => Repetition.Milliseconds(run[i])))))];
    }

    public void Dispose()
    {
        foreach (DenseBuffers layer in _layers)
            layer.Dispose();
        _input.Dispose();
        _classes.Dispose();
        _crew.Dispose();
    }

    private long[] Run()
    {
        _kernel = 0;
        _mark = Stopwatch.GetTimestamp();
        Forward();
        fixed (double* losses = _losses, terms = _terms)
        {
            var batch = new Batch { Inputs = _input.Pointer, Count = Samples, Classes = (int*)_classes.Pointer };
            _loss.Evaluate(_crew, batch, _layers[^1].Output.Pointer, losses, terms, _layers[^1].OutputGradient.Pointer);
        }
        Done("loss and its gradient", 0);
        Backward();
        return [.. _ticks];
    }

    private void Forward()
    {
        for (int i = 0; i < _layers.Count; i++)
        {
            DenseBuffers layer = _layers[i];
            MatrixProduct.Multiply(
                _crew, Samples, layer.Units, layer.Inputs, new MatrixOperand(InputOf(i), layer.Inputs), new MatrixOperand(layer.Weight.Pointer, layer.Inputs, transposed: true),
                layer.Output.Pointer, layer.Units, layer.Bias.Pointer);
            Done($"forward, {layer}", layer.Flops);
            if (i == _layers.Count - 1)
                continue;
            var relu = new ReluJob { Input = layer.Output.Pointer, Output = layer.Activation.Pointer, Count = layer.Activation.Length };
            _crew.Run(ref relu);
            Done($"relu, {layer.Units}", 0);
        }
    }

    private void Backward()
    {
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            DenseBuffers layer = _layers[i];
            MatrixProduct.MultiplyLeaves(
                _crew, layer.Units, layer.Inputs, new MatrixOperand(layer.OutputGradient.Pointer, layer.Units, transposed: true),
                new MatrixOperand(InputOf(i), layer.Inputs), _bounds, layer.WeightGradient.Pointer, layer.Inputs);
            Done($"weight gradient, {layer}", layer.Flops);
            ColumnSums.SumLeaves(_crew, layer.OutputGradient.Pointer, layer.Units, layer.Units, _bounds, layer.BiasGradient.Pointer);
            Done($"bias gradient, {layer}", 0);
            if (i == 0)
                continue;
            DenseBuffers below = _layers[i - 1];
            MatrixProduct.Multiply(
                _crew, Samples, layer.Inputs, layer.Units, new MatrixOperand(layer.OutputGradient.Pointer, layer.Units), new MatrixOperand(layer.Weight.Pointer, layer.Inputs),
                below.ActivationGradient.Pointer, layer.Inputs);
            Done($"input gradient, {layer}", layer.Flops);
            var relu = new ReluGradientJob
            {
                Output = below.Activation.Pointer,
                OutputGradient = below.ActivationGradient.Pointer,
                InputGradient = below.OutputGradient.Pointer,
                Count = below.Activation.Length,
            };
            _crew.Run(ref relu);
            Done($"relu gradient, {below.Units}", 0);
        }
    }

    private float* InputOf(int layer) => layer == 0 ? _input.Pointer : _layers[layer - 1].Activation.Pointer;

    // The clock is read once a kernel: it costs some 25 ns, the smallest kernels take microseconds.
    private void Done(string name, double flops)
    {
        long now = Stopwatch.GetTimestamp();
        if (_kernel == _kernels.Count)
        {
            _kernels.Add((name, flops));
            _ticks.Add(0);
        }
        _ticks[_kernel++] = now - _mark;
        _mark = Stopwatch.GetTimestamp();
    }

    private void Fill()
    {
        using var loader = new MinibatchLoader(_plan);
        Batch batch = loader.Load(_plan.MinibatchAt(0));
        new ReadOnlySpan<float>(batch.Inputs, (int)_input.Length).CopyTo(_input.Span);
        new ReadOnlySpan<int>(batch.Classes, Samples).CopyTo(new Span<int>(_classes.Pointer, Samples));
        foreach (DenseBuffers layer in _layers)
            layer.FillWeights();
    }

    private struct ReluJob : ICrewJob
    {
        public float* Input;
        public float* Output;
        public long Count;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Count, member, members, 16);
            VectorMath.Relu(Input + part.Start, Output + part.Start, part.Count);
        }
    }

    private struct ReluGradientJob : ICrewJob
    {
        public float* Output;
        public float* OutputGradient;
        public float* InputGradient;
        public long Count;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Count, member, members, 16);
            VectorMath.ReluGradient(Output + part.Start, OutputGradient + part.Start, InputGradient + part.Start, part.Count);
        }
    }
}
