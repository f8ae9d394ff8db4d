using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>One layer alone: its passes over given numbers, without a loss.</summary>
internal sealed unsafe class LayerRun : IDisposable
{
    private readonly ComputeCrew _crew;
    private readonly Pass _pass;
    private readonly LayerContext _context;
    private readonly FloatBuffer _input;
    private readonly FloatBuffer _output;
    private readonly int[] _ids;
    private FloatBuffer[] _gradients = [];

    public LayerRun(LayerSpec spec, Shape input, int samples, int threads = 1)
    {
        Network = Network.Build([spec], input);
        _crew = new ComputeCrew(threads);
        _pass = new Pass(_crew);
        _context = Layer.CreateContext(Network.ParametersOf(0), samples);
        Parameters = new FloatBuffer(Network.Layout.Length);
        Network.Initialize(Parameters.Pointer, 1);
        (_input, _output) = (new FloatBuffer((long)samples * input.Length), new FloatBuffer((long)samples * Layer.Output.Length));
        _ids = GC.AllocateArray<int>(samples + 1, pinned: true);
        for (int i = 0; i < samples; i++)
            _ids[i] = i;
        Samples = samples;
    }

    public Network Network { get; }

    public Layer Layer => Network.Layers[0];

    public FloatBuffer Parameters { get; }

    public int Samples { get; set; }

    public PassPosition Position { get; set; } = new(7, 2, 5);

    public SequenceWindow? Window { get; set; }

    public bool HasIds { get; set; } = true;

    /// <summary>The number of the first sample; the others follow.</summary>
    public int FirstId
    {
        set
        {
            for (int i = 0; i < _ids.Length; i++)
                _ids[i] = value + i;
        }
    }

    public float* InputMask { get; set; }

    /// <summary>Forward; nodes of a tree of so many leaves get gradient buffers in training.</summary>
    public float[] Forward(Phase phase, float[] x, int shards = 1, params TreeNode[] nodes)
    {
        if (nodes.Length == 0)
            nodes = [SumTree.Root(shards)];
        x.CopyTo(_input.Span);
        foreach (FloatBuffer gradient in _gradients)
            gradient.Dispose();
        _gradients = [.. nodes.Select(_ => new FloatBuffer(Network.Layout.Length))];
        foreach (FloatBuffer gradient in _gradients)
            gradient.Span.Fill(float.NaN);
        fixed (int* ids = _ids)
        {
            var batch = new Batch { Inputs = _input.Pointer, Count = Samples, SampleIds = HasIds ? ids : null, Position = Position, Window = Window, InputMask = InputMask };
            _pass.UseParameters(Parameters.Pointer);
            _pass.Begin(phase, batch);
            if (phase != Phase.Prediction)
                _pass.Cut(nodes, shards, Samples, [.. _gradients.Select(gradient => (nint)gradient.Pointer)]);
            Layer.Forward(_pass, _context, _input.Pointer, _output.Pointer);
            return _output.Slice(0, Samples * _pass.LengthOf(Layer.Output)).ToArray();
        }
    }

    /// <summary>The layer after it has had the output, and has left others in its place.</summary>
    public void LoseOutput() => _output.Span.Fill(float.NaN);

    /// <summary>Backward after <see cref="Forward"/>.</summary>
    public float[] Backward(float[] outputGradient)
    {
        using var dy = new FloatBuffer(outputGradient.Length);
        using var dx = new FloatBuffer((long)Samples * Layer.Input.Length);
        outputGradient.CopyTo(dy.Span);
        Layer.Backward(_pass, _context, _input.Pointer, _output.Pointer, dy.Pointer, dx.Pointer);
        return dx.Slice(0, Samples * _pass.LengthOf(Layer.Input)).ToArray();
    }

    /// <summary>A parameter's part of a node's gradient.</summary>
    public float[] Gradient(string parameter, int node = 0) =>
        _gradients[node].Slice(Network.Layout[$"0.{parameter}"].Offset, (int)Network.Layout[$"0.{parameter}"].Length).ToArray();

    public void Dispose()
    {
        _context.Dispose();
        _crew.Dispose();
        foreach (FloatBuffer buffer in _gradients.Concat([_input, _output, Parameters]))
            buffer.Dispose();
    }
}
