using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Recurrent;

/// <summary>
/// Recurrent levels over a sequence: x [N, T, D] → h [N, T, H], where level l + 1 reads the h of level l. Parameters of level l are
/// weight_ih_l [G·H, D], weight_hh_l [G·H, H] and bias_ih_l [G·H] for G gates, and what the cell has beside them.
/// </summary>
/// <remarks>
/// A preactivation is fl(fl(W·x + b) + fl(U·h)), each product with the engine's order of terms. Parameter gradients are summed leaf by leaf over samples and,
/// within a sample, over steps in order. A masked step leaves the state as it is, gives it as its output, and passes gradients straight on. Gradients
/// stop at the first step of the pass.
/// </remarks>
public abstract unsafe class RecurrentLayer : Layer, ISteppedLayer, IDiagnosed
{
    private protected RecurrentLayer(int index, string kind, RecurrentSpec spec, Shape input, int gates, string[] states)
        : base(index, spec.Name, kind, input, OutputOf(index, kind, spec, input))
    {
        Spec = spec;
        GateCount = gates;
        StatesPerLevel = states.Length;
        States = [.. Enumerable.Range(0, spec.Levels).SelectMany(level => states.Select(state => new StateDefinition($"{state}_l{level}", spec.Units)))];
        Parameters = [.. Enumerable.Range(0, spec.Levels).SelectMany(ParametersOf)];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override IReadOnlyList<StateDefinition> States { get; }

    public override bool KeepsSteps => true;

    public override bool Frozen => Spec.Frozen;

    public override float LearningRateFactor => Spec.LearningRateFactor;

    /// <summary>H.</summary>
    public int Units => Spec.Units;

    /// <summary>How many levels.</summary>
    public int Levels => Spec.Levels;

    /// <summary>What was asked for.</summary>
    private protected RecurrentSpec Spec { get; }

    /// <summary>G, how many blocks of H rows the weights have.</summary>
    internal int GateCount { get; }

    internal int StatesPerLevel { get; }

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new RecurrentContext([.. Enumerable.Range(0, Levels).Select(level => CreateLevel(level, parameters, maximumSamples))]);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        RecurrentLevel[] levels = ((RecurrentContext)context).Levels;
        int steps = pass.StepsOf(Input);
        for (int level = 0; level < levels.Length; level++)
        {
            levels[level].Project(pass, InputOf(levels, level, input), -1);
            for (int step = 0; step < steps; step++)
                levels[level].ForwardStep(pass, OutputOf(levels, level, output), step);
        }
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        RecurrentLevel[] levels = ((RecurrentContext)context).Levels;
        int steps = pass.StepsOf(Input);
        for (int level = levels.Length - 1; level >= 0; level--)
        {
            for (int step = steps - 1; step >= 0; step--)
                levels[level].BackwardStep(pass, OutputOf(levels, level, output), GradientOf(levels, level, outputGradient), step);
            PropagateToInput(pass, levels, level, inputGradient, -1);
        }
        SumGradients(pass, levels, input, output);
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        RecurrentLevel[] levels = ((RecurrentContext)context).Levels;
        for (int level = 0; level < levels.Length; level++)
        {
            levels[level].Project(pass, InputOf(levels, level, input), step);
            levels[level].ForwardStep(pass, OutputOf(levels, level, output), step);
        }
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        var recurrent = (RecurrentContext)context;
        recurrent.Output = output;
        RecurrentLevel[] levels = recurrent.Levels;
        for (int level = levels.Length - 1; level >= 0; level--)
        {
            levels[level].BackwardStep(pass, OutputOf(levels, level, output), GradientOf(levels, level, outputGradient), step);
            PropagateToInput(pass, levels, level, inputGradient, step);
        }
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
        var recurrent = (RecurrentContext)context;
        SumGradients(pass, recurrent.Levels, input, recurrent.Output);
    }

    DiagnosticKind IDiagnosed.Diagnostic => DiagnosticKind.GradientByTime;

    int IDiagnosed.DiagnosticSlots => checked(Levels * Input[0]);

    void IDiagnosed.Diagnose(Pass pass, LayerContext context, float* output, double* values, int stride)
    {
        for (int level = 0; level < Levels; level++)
        {
            for (int back = 0; back < Input[0]; back++)
            {
                for (int sample = 0; sample < pass.Samples; sample++)
                    values[((((long)level * Input[0]) + back) * stride) + sample] = ((RecurrentContext)context).Levels[level].SquaresAt(back, sample);
            }
        }
    }

    IReadOnlyList<(string Name, double Value)> IDiagnosed.DiagnosticValues(ReadOnlySpan<double> sums, long divisor)
    {
        var values = new List<(string, double)>(sums.Length);
        for (int i = 0; i < sums.Length; i++)
        {
            (int level, int back) = Math.DivRem(i, Input[0]);
            values.Add((Levels == 1 ? $"{back}" : $"l{level}/{back}", Math.Sqrt(sums[i]) / divisor));
        }
        return values;
    }

    /// <summary>D of one level: the layer's, or H.</summary>
    internal int InputsOf(int level) => level == 0 ? Input[1] : Units;

    private protected abstract RecurrentLevel CreateLevel(int level, IReadOnlyList<ParameterView> parameters, int maximumSamples);

    /// <summary>What the cell has beside W, U and b.</summary>
    private protected virtual IEnumerable<ParameterDefinition> MoreParameters(int level) => [];

    /// <param name="name">The first part of its name.</param>
    /// <param name="level">Whose it is.</param>
    /// <param name="shape">Its shape.</param>
    private protected ParameterDefinition Weight(string name, int level, params int[] shape) =>
        new($"{name}_l{level}", shape, false, Spec.Initializer ?? Default, shape[^1], shape[0]);

    /// <inheritdoc cref="Weight"/>
    private protected ParameterDefinition BiasOf(string name, int level, int length) =>
        new($"{name}_l{level}", [length], true, Spec.BiasInitializer ?? Default, Units, length);

    // PyTorch's: all numbers of a recurrent layer alike.
    private UniformInitializer Default => new((float)(1 / Math.Sqrt(Units)));

    private IEnumerable<ParameterDefinition> ParametersOf(int level) =>
    [
        Weight("weight_ih", level, GateCount * Units, InputsOf(level)),
        Weight("weight_hh", level, GateCount * Units, Units),
        BiasOf("bias_ih", level, GateCount * Units),
        .. MoreParameters(level),
    ];

    private void SumGradients(Pass pass, RecurrentLevel[] levels, float* input, float* output)
    {
        if (Frozen)
            return;
        for (int level = levels.Length - 1; level >= 0; level--)
            levels[level].SumGradients(pass, InputOf(levels, level, input), OutputOf(levels, level, output));
    }

    private static void PropagateToInput(Pass pass, RecurrentLevel[] levels, int level, float* inputGradient, int step)
    {
        float* gradient = level == 0 ? inputGradient : levels[level - 1].OutputGradient!.Pointer;
        if (gradient is not null)
            levels[level].PropagateToInput(pass, gradient, step);
    }

    private static float* InputOf(RecurrentLevel[] levels, int level, float* input) => level == 0 ? input : levels[level - 1].Output!.Pointer;

    private static float* OutputOf(RecurrentLevel[] levels, int level, float* output) => levels[level].Output is { } own ? own.Pointer : output;

    private static float* GradientOf(RecurrentLevel[] levels, int level, float* outputGradient) =>
        levels[level].OutputGradient is { } own ? own.Pointer : outputGradient;

    private static Shape OutputOf(int index, string kind, RecurrentSpec spec, Shape input)
    {
        string layer = $"{spec.Name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} ({kind})";
        if (input.Rank != 2)
            throw new ShapeException(layer, "number of axes", "2: [T, D]", $"{input.Rank} ({input})", input.Rank == 1 ? "Put an embedding layer or oneHot before it for tokens, or repeat for a single value." : "Give it a sequence.");
        if (spec.Units < 1)
            throw new ShapeException(layer, "axis 1 of its output", "at least 1 unit", $"{spec.Units}", "Give it units.");
        if (spec.Levels < 1)
            throw new ShapeException(layer, "its layers", "at least 1", $"{spec.Levels}", "Give it layers.");
        return new Shape(input[0], spec.Units);
    }

    private sealed class RecurrentContext(RecurrentLevel[] levels) : LayerContext
    {
        public RecurrentLevel[] Levels { get; } = levels;

        /// <summary>What the steps wrote, for <see cref="ISteppedLayer.SumGradients"/>, which is not given it.</summary>
        public float* Output { get; set; }

        protected override void Release()
        {
            foreach (RecurrentLevel level in Levels)
                level.Dispose();
        }
    }
}
