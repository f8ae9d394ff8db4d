using CsCheck;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Optimization;

public sealed unsafe class UpdateRuleTests
{
    // Several parameters in a block, one of several blocks, and padding; a frozen one and one with a rate of its own.
    private static readonly ParameterLayout Layout = new(
    [
        new("0.weight", 0, [3, 5], 0, false),
        new("0.bias", 0, [3], 0, true),
        new("1.weight", 1, [7, 3], 0, false, Frozen: true),
        new("1.bias", 1, [7], 0, true, Frozen: true),
        new("2.weight", 2, [80_001], 0, false),
        new("3.weight", 3, [11, 11], 0, false, LearningRateFactor: 0.5f),
        new("3.bias", 3, [11], 0, true, LearningRateFactor: 0.5f),
    ]);

    private static readonly UpdateSpec Everything = new(
        new SgdSpec(0.9f, Nesterov: true) { LearningRate = 0.1, WeightDecay = 0.01f },
        new GlobalNormClip(1), new RegularizationSpec(0.02f, 0.003f), new StepSchedule(10, 0.5));

    public static TheoryData<string, UpdateSpec> Specifications() => new()
    {
        { "sgd", new UpdateSpec(new SgdSpec { LearningRate = 0.1 }) },
        { "momentum", new UpdateSpec(new SgdSpec(0.9f) { LearningRate = 0.1 }) },
        { "nesterov", new UpdateSpec(new SgdSpec(0.9f, true) { LearningRate = 0.1, WeightDecay = 0.1f }) },
        { "value clip", new UpdateSpec(new SgdSpec { LearningRate = 0.1 }, new ValueClip(0.01f)) },
        { "biases penalized", new UpdateSpec(new SgdSpec { LearningRate = 0.1 }, null, new RegularizationSpec(0.1f, 0.05f, Biases: true)) },
        { "everything", Everything },
    };

    [Theory]
    [MemberData(nameof(Specifications))]
    public void Two_steps_are_what_the_formulas_say(string name, UpdateSpec spec)
    {
        using var run = new Run(spec, seed: 4);
        double[] w = [.. run.Parameters.Span.ToArray().Select(v => (double)v)];
        double[] velocity = new double[w.Length];
        for (long step = 9; step < 11; step++)
        {
            double[] g = [.. run.GradientSum.Select(v => (double)v)];
            Reference(spec, step, divisor: 7, g, w, velocity);
            Assert.True(run.Step(step, divisor: 7));
            for (int i = 0; i < w.Length; i++)
                Assert.True(Math.Abs(w[i] - run.Parameters.Span[i]) <= 1e-6, $"{name}, step {step}, number {i}: {w[i]} expected, {run.Parameters.Span[i]} found");
        }
    }

    public static TheoryData<string, UpdateSpec> OtherOptimizers() => new()
    {
        { "adagrad", new UpdateSpec(new AdagradSpec { LearningRate = 0.1, WeightDecay = 0.1f }) },
        { "rmsprop", new UpdateSpec(new RmsPropSpec { LearningRate = 0.1 }) },
        { "adam", new UpdateSpec(new AdamSpec { LearningRate = 0.1, WeightDecay = 0.1f }) },
    };

    [Theory]
    [MemberData(nameof(Specifications))]
    [MemberData(nameof(OtherOptimizers))]
    public void A_block_in_one_go_has_the_bits_of_a_block_in_two(string name, UpdateSpec spec)
    {
        using var apart = new Run(spec, seed: 6);
        using var whole = new Run(spec, seed: 6);
        using var halves = new Run(spec, seed: 6);
        using var streamed = new Run(spec, seed: 6, streamedBytes: 0);
        if (spec.Clip is GlobalNormClip)
        {
            Assert.Throws<InvalidOperationException>(() => whole.StepInOneGo(9, 7, inHalves: false));
            return;
        }
        for (long step = 9; step < 13; step++)
        {
            // The mean by a division, and by a multiplication.
            long divisor = step % 2 == 0 ? 8 : 7;
            Assert.True(apart.Step(step, divisor), name);
            Assert.True(whole.StepInOneGo(step, divisor, inHalves: false), name);
            Assert.True(halves.StepInOneGo(step, divisor, inHalves: true), name);
            Assert.True(streamed.StepInOneGo(step, divisor, inHalves: true), name);
            Assert.True(apart.Parameters.Span.SequenceEqual(streamed.Parameters.Span), name);
            Assert.Equal(apart.Clip, whole.Clip);
            Assert.True(apart.Parameters.Span.SequenceEqual(whole.Parameters.Span), name);
            Assert.Equal(apart.Clip, halves.Clip);
            Assert.True(apart.Parameters.Span.SequenceEqual(halves.Parameters.Span), name);
        }
    }

    [Fact]
    public void The_order_of_the_blocks_changes_no_bit()
    {
        using var forward = new Run(Everything, seed: 5);
        forward.Step(0, 7);
        Gen.Shuffle(Layout.Blocks.ToArray()).Sample(blocks =>
        {
            using var shuffled = new Run(Everything, seed: 5);
            shuffled.Step(0, 7, blocks);
            Assert.Equal(forward.Parameters.Span.ToArray(), shuffled.Parameters.Span.ToArray());
            Assert.Equal(forward.Clip, shuffled.Clip);
        }, iter: 5);
    }

    [Fact]
    public void Frozen_parameters_and_padding_stay_and_have_no_part_in_the_norm()
    {
        using var run = new Run(Everything, seed: 6);
        float[] before = run.Parameters.Span.ToArray();
        // What no worker sends, and what must not matter if it comes.
        for (int i = 0; i < run.GradientSum.Length; i++)
        {
            if (Layout.At(i) is not { Frozen: false })
                run.GradientSum[i] = float.NaN;
        }
        Assert.True(run.Step(0, 7));
        Assert.True(run.Clip.IsFinite);
        float[] after = run.Parameters.Span.ToArray();
        foreach (ParameterView view in Layout.Parameters)
        {
            Range place = (int)view.Offset..(int)(view.Offset + view.Length);
            Assert.Equal(view.Frozen, before[place].SequenceEqual(after[place]));
            Assert.All(after[place.End..].Take((int)(-view.Length & (ParameterLayout.Alignment - 1))), padding => Assert.Equal(0, padding));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void One_number_that_is_not_finite_makes_the_norm_so_and_no_update(float number)
    {
        using var run = new Run(Everything, seed: 7);
        run.GradientSum[Layout["2.weight"].Offset + 70_000] = number;
        Assert.Throws<InvalidOperationException>(() => run.Step(0, 7));
        Assert.False(run.Clip.IsFinite);
    }

    [Fact]
    public void An_update_that_overflows_is_told()
    {
        using var run = new Run(new UpdateSpec(new SgdSpec { LearningRate = 1e30 }), seed: 8);
        run.GradientSum[17] = 1e20f;
        Assert.False(run.Step(0, 1));
    }

    [Fact]
    public void A_velocity_that_overflows_is_told()
    {
        using var run = new Run(new UpdateSpec(new SgdSpec(0.9f) { LearningRate = 1e-30 }), seed: 8);
        run.GradientSum[17] = float.MaxValue;
        Assert.True(run.Step(0, 1));
        Assert.False(run.Step(1, 1));
    }

    [Fact]
    public void The_norm_is_of_the_averaged_gradient_before_clipping()
    {
        using var run = new Run(new UpdateSpec(new SgdSpec { LearningRate = 1 }, new GlobalNormClip(0.5f)), seed: 9);
        Array.Clear(run.GradientSum);
        (run.GradientSum[0], run.GradientSum[16]) = (6, 8);
        run.Step(0, 2);
        Assert.Equal(5, run.Clip.Norm);
        Assert.Equal((float)(0.5 / (5 + 1e-6)), run.Clip.Scale);
        Assert.True(run.Clip.Clips);
    }

    [Fact]
    public void A_norm_below_its_limit_clips_nothing()
    {
        using var run = new Run(new UpdateSpec(new SgdSpec { LearningRate = 1 }, new GlobalNormClip(1e6f)), seed: 9);
        run.Step(0, 2);
        Assert.Equal(1, run.Clip.Scale);
        Assert.False(run.Clip.Clips);
    }

    [Fact]
    public void Rates_follow_the_schedule()
    {
        var rule = new UpdateRule(Layout, new UpdateSpec(new SgdSpec { LearningRate = 0.05 }, Schedule: new StepSchedule(4, 0.1)));
        Assert.Equal(0.05, rule.LearningRate(0));
        Assert.Equal(0.05, rule.LearningRate(3));
        Assert.Equal(0.05 * 0.1, rule.LearningRate(4));
        Assert.Equal(0.05 * (0.1 * 0.1), rule.LearningRate(8));
        Assert.Equal(0.05 * 1e-7, rule.LearningRate(31), 1e-22);
    }

    [Fact]
    public void The_penalty_is_of_weights_and_of_biases_only_where_asked()
    {
        using var parameters = new FloatBuffer(Layout.Length);
        foreach (ParameterView view in Layout.Parameters)
            parameters.Slice(view.Offset, (int)view.Length).Fill(view.IsBias ? 3 : -2);
        double weights = Layout.Parameters.Where(view => !view.IsBias).Sum(view => view.Length);
        double biases = Layout.Parameters.Where(view => view.IsBias).Sum(view => view.Length);
        double Loss(bool both) => new UpdateRule(Layout, new UpdateSpec(new SgdSpec { LearningRate = 1 }, Regularization: new RegularizationSpec(0.5f, 0.25f, both)))
            .PenaltyLoss(parameters.Pointer);
        Assert.Equal(weights * (0.25 * 4 + 0.25 * 2), Loss(false));
        Assert.Equal((weights * (0.25 * 4 + 0.25 * 2)) + (biases * (0.25 * 9 + 0.25 * 3)), Loss(true));
        Assert.Equal(0, new UpdateRule(Layout, new UpdateSpec(new SgdSpec { LearningRate = 1 })).PenaltyLoss(parameters.Pointer));
    }

    [Fact]
    public void Only_momentum_has_state()
    {
        Assert.Empty(new UpdateRule(Layout, new UpdateSpec(new SgdSpec { LearningRate = 1 })).StateNames);
        Assert.Equal(["momentum"], new UpdateRule(Layout, Everything).StateNames);
    }

    [Fact]
    public void Another_number_of_state_buffers_is_refused()
    {
        using var buffer = new FloatBuffer(Layout.Length);
        var rule = new UpdateRule(Layout, Everything);
        Assert.Throws<ArgumentException>(() => rule.Apply(Layout.Blocks[0], buffer.Pointer, new ClipDecision(0, 1, float.PositiveInfinity), 0, buffer.Pointer, buffer.Pointer, []));
    }

    [Fact]
    public void A_norm_of_too_few_blocks_is_refused() =>
        Assert.Throws<ArgumentException>(() => new UpdateRule(Layout, Everything).Decide([1]));

    private static void Reference(UpdateSpec spec, long step, long divisor, double[] g, double[] w, double[] velocity)
    {
        var sgd = (SgdSpec)spec.Optimizer;
        ParameterView?[] views = [.. Enumerable.Range(0, g.Length).Select(i => Layout.At(i) is { Frozen: false } view ? view : null)];
        double norm = 0;
        for (int i = 0; i < g.Length; i++)
        {
            g[i] = views[i] is null ? 0 : g[i] / divisor;
            if (views[i] is not null && spec.Regularization is { } penalty && (penalty.Biases || !views[i]!.IsBias))
                g[i] += (penalty.L2 * w[i]) + (penalty.L1 * Math.Sign(w[i]));
            norm += g[i] * g[i];
        }
        double scale = spec.Clip is GlobalNormClip clip ? Math.Min(1, clip.Limit / (Math.Sqrt(norm) + 1e-6)) : 1;
        double limit = spec.Clip is ValueClip value ? value.Limit : double.PositiveInfinity;
        double rate = spec.Schedule is StepSchedule schedule ? sgd.LearningRate * Math.Pow(schedule.Factor, step / schedule.EverySteps) : sgd.LearningRate;
        for (int i = 0; i < g.Length; i++)
        {
            if (views[i] is null)
                continue;
            double change = Math.Clamp(g[i] * scale, -limit, limit) + (sgd.WeightDecay * w[i]);
            velocity[i] = (sgd.Momentum * velocity[i]) + change;
            w[i] -= rate * views[i]!.LearningRateFactor * (sgd.Nesterov ? change + (sgd.Momentum * velocity[i]) : velocity[i]);
        }
    }

    /// <summary>Parameters, a gradient sum and state, with random numbers where parameters lie.</summary>
    private sealed class Run : IDisposable
    {
        private readonly UpdateRule _rule;
        private readonly FloatBuffer[] _states;
        private FloatBuffer _next = new(Layout.Length);

        public Run(UpdateSpec spec, int seed, long streamedBytes = long.MaxValue)
        {
            _rule = new UpdateRule(Layout, spec, streamedBytes);
            _states = [.. _rule.StateNames.Select(_ => new FloatBuffer(Layout.Length))];
            var random = new Random(seed);
            foreach (ParameterView view in Layout.Parameters)
            {
                for (long i = view.Offset; i < view.Offset + view.Length; i++)
                {
                    Parameters.Span[(int)i] = (float)(random.NextDouble() - 0.5);
                    GradientSum[i] = (float)(random.NextDouble() - 0.5);
                }
            }
        }

        public FloatBuffer Parameters { get; private set; } = new(Layout.Length);

        public float[] GradientSum { get; } = new float[Layout.Length];

        public ClipDecision Clip { get; private set; }

        private nint[] StateBases => [.. _states.Select(state => (nint)state.Pointer)];

        public bool Step(long step, long divisor, IReadOnlyList<ParameterBlock>? order = null)
        {
            order ??= Layout.Blocks;
            using var gradient = new FloatBuffer(Layout.Length);
            GradientSum.CopyTo(gradient.Span);
            double[] squares = new double[Layout.Blocks.Count];
            foreach (ParameterBlock block in order)
                squares[block.Index] = _rule.Prepare(block, gradient.Pointer + block.Offset, divisor, 1, Parameters.Pointer);
            Clip = _rule.Decide(squares);
            bool finite = true;
            foreach (ParameterBlock block in order)
                finite &= _rule.Apply(block, gradient.Pointer + block.Offset, Clip, step, Parameters.Pointer, _next.Pointer, StateBases);
            (Parameters, _next) = (_next, Parameters);
            return finite;
        }

        /// <summary>The same by <see cref="UpdateRule.PrepareAndApply"/>; in halves whose sum is exactly the gradient's.</summary>
        public bool StepInOneGo(long step, long divisor, bool inHalves)
        {
            using FloatBuffer left = new(Layout.Length), right = new(Layout.Length);
            for (int i = 0; i < GradientSum.Length; i++)
                (left.Span[i], right.Span[i]) = inHalves ? (GradientSum[i] / 2, GradientSum[i] / 2) : (GradientSum[i], 0);
            double[] squares = new double[Layout.Blocks.Count];
            bool finite = true;
            foreach (ParameterBlock block in Layout.Blocks)
            {
                var sum = new GradientSum(left.Pointer + block.Offset, inHalves ? right.Pointer + block.Offset : null);
                squares[block.Index] = _rule.PrepareAndApply(
                    block, sum, divisor, 1, step, Parameters.Pointer, _next.Pointer, StateBases, out bool blockIsFinite);
                finite &= blockIsFinite;
            }
            Clip = _rule.Decide(squares);
            (Parameters, _next) = (_next, Parameters);
            return finite;
        }

        public void Dispose()
        {
            Parameters.Dispose();
            _next.Dispose();
            foreach (FloatBuffer state in _states)
                state.Dispose();
        }
    }
}
