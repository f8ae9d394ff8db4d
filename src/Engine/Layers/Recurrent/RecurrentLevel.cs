using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// One level of a recurrent layer in one replica: its packed weights, what the backward pass needs of the forward pass, and the walk through the steps.
/// </summary>
/// <remarks>
/// The input's part of all gates, W·x + b, is one product over all samples and steps; each step adds U·h(t−1), one product over the samples. The gates'
/// activations lie where the input's part lay, and in the backward pass the gradients of the preactivations where the activations lay: [N, T, G·H]. What a
/// step's product reads lies in compact memory, [N, …], since rows that are a power of two apart would evict one another from the cache.
/// </remarks>
internal abstract unsafe class RecurrentLevel : IDisposable
{
    private const int CacheLine = 16;

    private readonly List<IDisposable> _owned = [];
    private readonly RecurrentLayer _layer;
    private readonly int _maximumSamples;
    private readonly int _maximumSteps;
    private readonly PackedWeight _inputWeight;
    private readonly OneHotInput? _oneHot;
    private readonly FloatBuffer _gates;
    private readonly FloatBuffer _previous;
    private readonly FloatBuffer _hidden;
    private readonly FloatBuffer _product;
    private readonly FloatBuffer _direct;
    private readonly FloatBuffer _backProduct;
    private int[] _bounds = [];

    // [T, N]: ‖∂L/∂h‖² by steps back from the last, of passes that are asked.
    private double[] _squares = [];

    /// <param name="layer">The layer.</param>
    /// <param name="level">Which of its levels, from 0.</param>
    /// <param name="parameters">The layer's parameters.</param>
    /// <param name="maximumSamples">The most samples that a pass may have.</param>
    protected RecurrentLevel(RecurrentLayer layer, int level, IReadOnlyList<ParameterView> parameters, int maximumSamples)
    {
        _layer = layer;
        Level = level;
        Inputs = layer.InputsOf(level);
        Units = layer.Units;
        Width = layer.GateCount * layer.Units;
        _maximumSamples = maximumSamples;
        _maximumSteps = layer.Input[0];
        Parameters = parameters;
        InputWeight = View("weight_ih");
        HiddenWeight = View("weight_hh");
        Bias = View("bias_ih");
        _inputWeight = Own(new PackedWeight(InputWeight, 0, Width, Inputs));
        // What another level hands on is never one-hot.
        _oneHot = level == 0 ? Own(new OneHotInput(InputWeight, Bias, checked(maximumSamples * _maximumSteps))) : null;
        GateStride = StrideOf(Width);
        _gates = StepBuffer(GateStride);
        _previous = StepBuffer(Units);
        _hidden = SampleBuffer(Units);
        _product = SampleBuffer(Width);
        _direct = SampleBuffer(Units);
        _backProduct = SampleBuffer(Units);
        if (level + 1 < layer.Levels)
        {
            Output = StepBuffer(Units);
            OutputGradient = StepBuffer(Units);
        }
    }

    /// <summary>[N, T, H]; null for the last level, whose output is the layer's.</summary>
    public FloatBuffer? Output { get; }

    /// <summary>∂L/∂output [N, T, H]; null for the last level.</summary>
    public FloatBuffer? OutputGradient { get; }

    /// <summary>Which level, from 0.</summary>
    protected int Level { get; }

    /// <summary>D, numbers of a step of its input.</summary>
    protected int Inputs { get; }

    /// <summary>H.</summary>
    protected int Units { get; }

    /// <summary>G·H, numbers of all gates of a step.</summary>
    protected int Width { get; }

    /// <summary>Numbers from one row of <see cref="Gates"/> to the next.</summary>
    protected int GateStride { get; }

    protected IReadOnlyList<ParameterView> Parameters { get; }

    protected ParameterView InputWeight { get; }

    protected ParameterView HiddenWeight { get; }

    protected ParameterView Bias { get; }

    /// <summary>T of the present pass.</summary>
    protected int Steps { get; private set; }

    /// <summary>[N, T] of the present pass, or null.</summary>
    protected float* Mask { get; private set; }

    /// <summary>[N, T, G·H], each row at a multiple of <see cref="GateStride"/>: the input's part, then activations, then gradients of preactivations.</summary>
    protected float* Gates => _gates.Pointer;

    /// <summary>[N, H]: h of the step before, and after the step its own.</summary>
    protected float* Hidden => _hidden.Pointer;

    /// <summary>[N, T, H]: h(t−1) in the row of step t, for the gradient of U.</summary>
    protected float* Previous => _previous.Pointer;

    /// <summary>[N, G·H]: U·h(t−1); in the backward pass gradients of preactivations, as the product with U takes them.</summary>
    protected float* Product => _product.Pointer;

    /// <summary>[N, H]: what a step passes to the one before it beside its product.</summary>
    protected float* Direct => _direct.Pointer;

    /// <summary>[N, H]: what a step passes to the one before it through its product.</summary>
    protected float* BackProduct => _backProduct.Pointer;

    /// <summary>Whether <see cref="Direct"/> counts for steps that are not masked.</summary>
    protected virtual bool AlwaysDirect => false;

    /// <summary>Computes the input's part of the gates for some steps: Wx + b.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="input">[N, T, D].</param>
    /// <param name="step">The one step, or −1 for all.</param>
    public void Project(Pass pass, float* input, int step)
    {
        Steps = pass.StepsOf(_layer.Input);
        Mask = _layer.FollowsInput ? pass.InputMask : null;
        (int rows, long first, int stride) = Rows(pass, step);
        if (_oneHot is not null && _oneHot.TryProject(pass, input + (first * Inputs), checked(stride * Inputs), rows, Gates + (first * GateStride), checked(stride * GateStride)))
            return;
        MatrixProduct.Multiply(
            pass.Crew, rows, Width, Inputs, new MatrixOperand(input + (first * Inputs), checked(stride * Inputs)), _inputWeight.Forward(pass),
            Gates + (first * GateStride), checked(stride * GateStride), pass.Parameters + Bias.Offset);
    }

    /// <summary>One step, after <see cref="Project"/> of its input; steps come in order from 0.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="output">[N, T, H], of which this step is written.</param>
    /// <param name="step">Which step.</param>
    public void ForwardStep(Pass pass, float* output, int step)
    {
        int carryAt = pass.CarryAt(_layer.Input);
        if (step == 0)
        {
            Begin(pass);
            if (carryAt == 0)
                Carry(pass);
        }
        Advance(pass, output, step);
        if (step + 1 == carryAt)
            Carry(pass);
    }

    /// <summary>The gradients of one step's preactivations, and what it passes to the step before; steps come in order from the last down to 0.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="output">What the forward pass wrote.</param>
    /// <param name="outputGradient">∂L/∂output [N, T, H], of which this step is there.</param>
    /// <param name="step">Which step.</param>
    public void BackwardStep(Pass pass, float* output, float* outputGradient, int step)
    {
        StateSlot hidden = Slot(pass, 0);
        if (step == Steps - 1)
            BeginBackward(pass);
        var gradient = new StepGradient
        {
            Output = outputGradient,
            Direct = Direct,
            Product = BackProduct,
            Carried = hidden.CarriedGradient,
            Mask = Mask,
            AlwaysDirect = AlwaysDirect,
            Steps = Steps,
            Step = step,
            Units = Units,
        };
        if (pass.Diagnoses)
            KeepSquares(pass, gradient);
        Retreat(pass, output, gradient, step);
        if (step == 0)
            EndBackward(pass);
    }

    /// <summary>Of the last backward pass that was asked: ‖∂L/∂h‖² of a sample so many steps before the last.</summary>
    public double SquaresAt(int stepsBack, int sample) =>
        stepsBack < Steps && _squares.Length > 0 ? _squares[((long)stepsBack * _maximumSamples) + sample] : 0;

    /// <summary>∂L/∂x = dA·W for some steps.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="inputGradient">[N, T, D], of which the steps are written.</param>
    /// <param name="step">The one step, or −1 for all.</param>
    public void PropagateToInput(Pass pass, float* inputGradient, int step)
    {
        (int rows, long first, int stride) = Rows(pass, step);
        MatrixProduct.Multiply(
            pass.Crew, rows, Inputs, Width, new MatrixOperand(Gates + (first * GateStride), checked(stride * GateStride)), _inputWeight.Backward(pass),
            inputGradient + (first * Inputs), checked(stride * Inputs));
    }

    /// <summary>The gradients of the parameters over all steps, node by node.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="input">[N, T, D].</param>
    /// <param name="output">What the forward pass wrote.</param>
    public void SumGradients(Pass pass, float* input, float* output)
    {
        for (int i = 0; i < pass.NodeCount; i++)
        {
            NodeRun node = pass.Node(i);
            long row = (long)node.FirstSample * Steps;
            float* gates = Gates + (row * GateStride);
            ReadOnlySpan<int> bounds = RowBounds(node.LeafBounds);
            if (_oneHot is null || !_oneHot.TrySumGradient(pass, input + (row * Inputs), gates, GateStride, bounds, node.Gradient))
                MatrixProduct.MultiplyLeaves(
                    pass.Crew, Width, Inputs, new MatrixOperand(gates, GateStride, transposed: true), new MatrixOperand(input + (row * Inputs), Inputs),
                    bounds, node.Gradient + InputWeight.Offset, Inputs);
            ColumnSums.SumLeaves(pass.Crew, gates, GateStride, Width, bounds, node.Gradient + Bias.Offset);
            SumHiddenGradients(pass, row, bounds, node.Gradient);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    /// <summary>Computes one step's activations, state and output.</summary>
    protected abstract void Advance(Pass pass, float* output, int step);

    /// <summary>Computes one step's gradients of preactivations, and <see cref="Direct"/> and <see cref="BackProduct"/> for the step before.</summary>
    protected abstract void Retreat(Pass pass, float* output, in StepGradient gradient, int step);

    /// <summary>The gradients of U, and of what else a step's product has.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="row">The node's first row of the buffers [N, T, …].</param>
    /// <param name="bounds">Bounds of its leaves in rows.</param>
    /// <param name="gradient">The node's flat gradient.</param>
    protected abstract void SumHiddenGradients(Pass pass, long row, ReadOnlySpan<int> bounds, float* gradient);

    /// <summary>Takes the states before the first step.</summary>
    protected virtual void Begin(Pass pass) => Copy(pass, Slot(pass, 0).Initial, Hidden);

    /// <summary>Writes the states that are carried on, where they are asked for.</summary>
    protected virtual void Carry(Pass pass) => Copy(pass, Hidden, Slot(pass, 0).Carried);

    /// <summary>Before the last step's gradient.</summary>
    protected virtual void BeginBackward(Pass pass)
    {
    }

    /// <summary>Writes the gradient with respect to the states before the first step, where it is asked for.</summary>
    protected virtual void EndBackward(Pass pass)
    {
        float* initialGradient = Slot(pass, 0).InitialGradient;
        if (initialGradient is null)
            return;
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long row = (long)sample * Units;
            bool isMasked = Mask is not null && Mask[(long)sample * Steps] == 0;
            if (isMasked || !AlwaysDirect)
                Copy(isMasked ? Direct + row : BackProduct + row, initialGradient + row, Units);
            else
                VectorMath.Add(Direct + row, BackProduct + row, initialGradient + row, Units);
        }
    }

    protected StateSlot Slot(Pass pass, int state) => pass.State(_layer.Index, (Level * _layer.StatesPerLevel) + state);

    /// <summary>A parameter of this level by the first part of its name.</summary>
    protected ParameterView View(string name)
    {
        string full = $"{_layer.Name}.{name}_l{Level}";
        return Parameters.First(parameter => parameter.Name == full);
    }

    /// <summary>[N, T, width].</summary>
    protected FloatBuffer StepBuffer(int width) => Own(new FloatBuffer((long)_maximumSamples * _maximumSteps * width));

    /// <summary>[N, width].</summary>
    protected FloatBuffer SampleBuffer(int width) => Own(new FloatBuffer((long)_maximumSamples * width));

    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>[N, H] from one place to another, where that is asked for.</summary>
    protected void Copy(Pass pass, float* from, float* to)
    {
        if (to is not null)
            Copy(from, to, (long)pass.Samples * Units);
    }

    // Before the step's own arithmetic, which writes where the parts lie.
    private void KeepSquares(Pass pass, in StepGradient gradient)
    {
        if (_squares.Length == 0)
            _squares = new double[checked(_maximumSteps * _maximumSamples)];
        long row = (Steps - 1L - gradient.Step) * _maximumSamples;
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            gradient.Of(sample, out float* output, out float* direct, out float* product);
            double sum = 0;
            for (nint unit = 0; unit < Units; unit++)
            {
                double dh = StepGradient.Sum<IsaScalar, float>(output, direct, product, unit);
                sum += dh * dh;
            }
            _squares[row + sample] = sum;
        }
    }

    private static void Copy(float* from, float* to, long count) => Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));

    // An odd number of cache lines: rows a power of two apart would share a few sets of the cache, and the weight gradients read all rows at the same columns.
    private static int StrideOf(int width) => (((width + CacheLine - 1) / CacheLine) | 1) * CacheLine;

    private (int Rows, long First, int Stride) Rows(Pass pass, int step) =>
        step < 0 ? (checked(pass.Samples * Steps), 0, 1) : (pass.Samples, step, Steps);

    private ReadOnlySpan<int> RowBounds(ReadOnlySpan<int> leafBounds)
    {
        if (_bounds.Length < leafBounds.Length)
            _bounds = new int[Math.Max(leafBounds.Length, 2 * _bounds.Length)];
        for (int i = 0; i < leafBounds.Length; i++)
            _bounds[i] = checked(leafBounds[i] * Steps);
        return _bounds.AsSpan(0, leafBounds.Length);
    }
}
