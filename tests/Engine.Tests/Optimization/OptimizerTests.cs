using Lockstep.Engine.Memory;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Optimization;

public sealed unsafe class OptimizerTests
{
    private static readonly ParameterLayout Layout = new([new("0.weight", 0, [7, 5], 0, false), new("0.bias", 0, [7], 0, true, LearningRateFactor: 0.5f)]);

    public static TheoryData<string, OptimizerSpec> Specifications() => new()
    {
        { "adagrad", new AdagradSpec { LearningRate = 0.1, WeightDecay = 0.05f } },
        { "rmsprop", new RmsPropSpec(0.9) { LearningRate = 0.01, WeightDecay = 0.05f } },
        { "adam", new AdamSpec { LearningRate = 0.01, WeightDecay = 0.05f } },
        { "adam without memory", new AdamSpec(0, 0) { LearningRate = 0.01 } },
    };

    [Theory]
    [MemberData(nameof(Specifications))]
    public void Steps_are_what_the_formulas_say(string name, OptimizerSpec spec)
    {
        using var run = new Run(spec);
        double[] w = [.. run.Parameters.Span.ToArray().Select(v => (double)v)];
        double[] m = new double[w.Length], s = new double[w.Length];
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = run.GradientOf(step);
            Assert.True(run.Step(step));
            for (int i = 0; i < w.Length; i++)
            {
                if (Layout.At(i) is { } view)
                    w[i] -= spec.LearningRate * view.LearningRateFactor * Direction(spec, step + 1, gradient[i] + (spec.WeightDecay * w[i]), ref m[i], ref s[i]);
                Assert.True(Math.Abs(w[i] - run.Parameters.Span[i]) <= 2e-6, $"{name}, step {step}, number {i}: {w[i]} expected, {run.Parameters.Span[i]} found");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Specifications))]
    public void A_run_goes_on_from_its_state_as_if_it_had_never_stopped(string name, OptimizerSpec spec)
    {
        using var whole = new Run(spec);
        using var first = new Run(spec);
        for (int step = 0; step < 9; step++)
        {
            whole.Step(step);
            if (step < 4)
                first.Step(step);
        }
        using var resumed = new Run(spec);
        using var restarted = new Run(spec);
        resumed.Take(first);
        restarted.Take(first);
        for (int step = 4; step < 9; step++)
        {
            resumed.Step(step);
            restarted.Step(step, counted: step - 4);
        }
        Assert.Equal(whole.Parameters.Span.ToArray(), resumed.Parameters.Span.ToArray());
        // Adam's correction depends on how many steps there were; the others have no count.
        Assert.Equal(name != "adam", whole.Parameters.Span.SequenceEqual(restarted.Parameters.Span));
    }

    [Theory]
    [MemberData(nameof(Specifications))]
    public void Padding_stays_zero(string name, OptimizerSpec spec)
    {
        using var run = new Run(spec);
        Assert.True(run.Step(0), name);
        for (int i = 0; i < run.Parameters.Length; i++)
        {
            if (Layout.At(i) is null)
                Assert.Equal(0, run.Parameters.Span[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Specifications))]
    public void A_square_that_overflows_is_told(string name, OptimizerSpec spec)
    {
        using var run = new Run(spec);
        float[] gradient = run.GradientOf(0);
        gradient[3] = 1e25f;
        Assert.False(run.Step(0, gradient: gradient), name);
    }

    [Fact]
    public void States_have_names_of_their_own()
    {
        IReadOnlyList<string> Names(OptimizerSpec spec) => new UpdateRule(Layout, new UpdateSpec(spec)).StateNames;
        Assert.Equal(["sum"], Names(new AdagradSpec { LearningRate = 1 }));
        Assert.Equal(["square_average"], Names(new RmsPropSpec { LearningRate = 1 }));
        Assert.Equal(["average", "square_average"], Names(new AdamSpec { LearningRate = 1 }));
    }

    private static double Direction(OptimizerSpec spec, int t, double g, ref double m, ref double s)
    {
        switch (spec)
        {
            case AdagradSpec adagrad:
                s += g * g;
                return g / (Math.Sqrt(s) + adagrad.Epsilon);
            case RmsPropSpec rmsProp:
                s = (rmsProp.Alpha * s) + ((1 - rmsProp.Alpha) * g * g);
                return g / (Math.Sqrt(s) + rmsProp.Epsilon);
            default:
                var adam = (AdamSpec)spec;
                m = (adam.Beta1 * m) + ((1 - adam.Beta1) * g);
                s = (adam.Beta2 * s) + ((1 - adam.Beta2) * g * g);
                return m / (1 - Math.Pow(adam.Beta1, t)) / (Math.Sqrt(s / (1 - Math.Pow(adam.Beta2, t))) + adam.Epsilon);
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly UpdateRule _rule;
        private readonly FloatBuffer[] _state;
        private FloatBuffer _next = new(Layout.Length);

        public Run(OptimizerSpec spec)
        {
            _rule = new UpdateRule(Layout, new UpdateSpec(spec));
            _state = [.. _rule.StateNames.Select(_ => new FloatBuffer(Layout.Length))];
            Numbers(99).CopyTo(Parameters.Span);
        }

        public FloatBuffer Parameters { get; private set; } = new(Layout.Length);

        public float[] GradientOf(int step) => Numbers(step);

        public bool Step(int step, int? counted = null, float[]? gradient = null)
        {
            using var buffer = new FloatBuffer(Layout.Length);
            (gradient ?? GradientOf(step)).CopyTo(buffer.Span);
            nint[] state = [.. _state.Select(each => (nint)each.Pointer)];
            bool finite = true;
            foreach (ParameterBlock block in Layout.Blocks)
            {
                finite &= _rule.Apply(
                    block, buffer.Pointer + block.Offset, new ClipDecision(1, 1, float.PositiveInfinity), counted ?? step, Parameters.Pointer, _next.Pointer, state);
            }
            (Parameters, _next) = (_next, Parameters);
            return finite;
        }

        public void Take(Run other)
        {
            other.Parameters.Span.CopyTo(Parameters.Span);
            for (int i = 0; i < _state.Length; i++)
                other._state[i].Span.CopyTo(_state[i].Span);
        }

        public void Dispose()
        {
            foreach (FloatBuffer buffer in _state.Concat([Parameters, _next]))
                buffer.Dispose();
        }

        private static float[] Numbers(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, (int)Layout.Length).Select(i => (float)(random.NextDouble() - 0.5)).Select((v, i) => Layout.At(i) is null ? 0 : v)];
        }
    }
}
