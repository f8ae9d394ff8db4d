using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Models;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class DropoutLayerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(2047, 2)]
    [InlineData(4101, 3)]
    public void The_mask_is_that_of_step_sample_and_place_for_any_number_of_threads(int features, int threads)
    {
        const float rate = 0.3f;
        using var run = new LayerRun(new DropoutSpec(rate), new Shape(features), 7, threads) { FirstId = 1000 };
        float[] x = Minibatch.Numbers(new Random(features), 7 * features);
        float[] dy = Minibatch.Numbers(new Random(features + 1), 7 * features);
        float[] y = run.Forward(Phase.Training, x);
        float[] dx = run.Backward(dy);
        var random = new CounterRandom(7, RandomPurpose.Dropout, 0);
        for (int i = 0; i < x.Length; i++)
        {
            float factor = random.Uniform(5, (uint)(1000 + (i / features)), (uint)(i % features)) >= rate ? 1 / (1 - rate) : 0;
            Assert.Equal(x[i] * factor, y[i]);
            Assert.Equal(dy[i] * factor, dx[i]);
        }
    }

    [Fact]
    public void A_position_of_a_sequence_has_one_mask_in_all_windows_and_steps_of_the_training()
    {
        const int steps = 6, width = 5, samples = 3;
        using var run = new LayerRun(new DropoutSpec(0.5f), new Shape(steps, width), samples);
        float[] Masks(SequenceWindow? window, long step, long epoch = 2)
        {
            run.Window = window;
            run.Position = new PassPosition(7, epoch, step);
            return run.Forward(Phase.Training, [.. Enumerable.Repeat(1f, samples * (window?.Steps ?? steps) * width)]);
        }
        float[] whole = Masks(null, 0);
        var random = new CounterRandom(7, RandomPurpose.Dropout, 0);
        for (int i = 0; i < whole.Length; i++)
            Assert.Equal(random.Uniform((2UL << 32) | (uint)(i / width % steps), (uint)(i / width / steps), (uint)(i % width)) >= 0.5f ? 2 : 0, whole[i]);

        float[] part = Masks(new SequenceWindow(2, 3, 0, 3, StateSource.Start), step: 9);
        for (int sample = 0; sample < samples; sample++)
            Assert.Equal(whole[((sample * steps * width) + (2 * width))..((sample * steps * width) + (5 * width))], part[(sample * 3 * width)..((sample + 1) * 3 * width)]);
        Assert.NotEqual(whole, Masks(null, 0, epoch: 3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Outside_training_nothing_is_left_out(bool inverted)
    {
        using var run = new LayerRun(new DropoutSpec(0.25f, inverted), new Shape(3, 2, 5), 4) { HasIds = false };
        float[] x = Minibatch.Numbers(new Random(1), 4 * 30);
        float[] expected = [.. x.Select(v => inverted ? v : v * 0.75f)];
        Assert.Equal(expected, run.Forward(Phase.Evaluation, x));
        Assert.Equal(expected, run.Forward(Phase.Prediction, x));
    }

    [Fact]
    public void The_plain_form_multiplies_by_the_mask_alone()
    {
        using var run = new LayerRun(new DropoutSpec(0.5f, Inverted: false), new Shape(200), 4);
        float[] x = Minibatch.Numbers(new Random(1), 800);
        float[] y = run.Forward(Phase.Training, x);
        Assert.All(x.Zip(y), pair => Assert.True(pair.Second == pair.First || pair.Second == 0));
        Assert.Equal(y, run.Backward(x));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    [InlineData(0.9f)]
    public void So_many_are_left_out_as_the_rate_says(float rate)
    {
        const int count = 40_000;
        using var run = new LayerRun(new DropoutSpec(rate), new Shape(count / 4), 4);
        float[] y = run.Forward(Phase.Training, [.. Enumerable.Repeat(1f, count)]);
        // Four standard deviations; the numbers are fixed, so this holds or does not.
        Assert.InRange(y.Count(v => v == 0), (rate * count) - (4 * Math.Sqrt(count * rate * (1 - rate))), (rate * count) + (4 * Math.Sqrt(count * rate * (1 - rate))));
    }

    [Fact]
    public void A_number_that_is_not_finite_is_not_hidden_by_the_mask()
    {
        using var run = new LayerRun(new DropoutSpec(0.5f), new Shape(100), 1);
        Assert.All(run.Forward(Phase.Training, [.. Enumerable.Repeat(float.NaN, 100)]), y => Assert.True(float.IsNaN(y)));
    }

    [Fact]
    public void Training_without_the_samples_numbers_is_refused_by_the_layers_name()
    {
        using var run = new LayerRun(new DropoutSpec(0.5f) { Name = "drop" }, new Shape(4), 2) { HasIds = false };
        Assert.Contains("drop (dropout)", Assert.Throws<ArgumentException>(() => run.Forward(Phase.Training, new float[8])).Message);
        run.Samples = 0;
        Assert.Empty(run.Forward(Phase.Training, []));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void A_rate_that_leaves_nothing_is_refused(float rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Network.Build([new DropoutSpec(rate)], new Shape(4)));

    [Fact]
    public void Many_blocks_at_once_are_the_blocks_one_by_one()
    {
        var counter = new RandomBlock(uint.MaxValue - 40, 3, 0xdeadbeef, 5);
        for (int blocks = 0; blocks < 30; blocks++)
        {
            uint[] found = new uint[(4 * blocks) + 1];
            fixed (uint* words = found)
                PhiloxRun.Fill(counter, 17, uint.MaxValue - 3, words, blocks);
            for (int i = 0; i < blocks; i++)
                Assert.Equal(Philox.Words(counter with { Word0 = counter.Word0 + (uint)i }, 17, uint.MaxValue - 3), new RandomBlock(found[4 * i], found[(4 * i) + 1], found[(4 * i) + 2], found[(4 * i) + 3]));
            Assert.Equal(0u, found[4 * blocks]);
        }
    }

    [Fact]
    public void Bits_are_drawn_and_applied_as_a_loop_does_for_any_count()
    {
        var random = new Random(5);
        for (int count = 0; count < 40; count++)
        {
            uint[] words = [.. Enumerable.Range(0, count + 1).Select(_ => (uint)random.NextInt64(1L << 32)), 0x80000000u];
            float[] x = Minibatch.Numbers(random, count + 1), y = new float[count + 1];
            byte[] bits = new byte[(count + 7) / 8 + 1];
            fixed (uint* w = words)
            fixed (byte* b = bits)
            fixed (float* from = x, to = y)
            {
                KeepBits.Draw(w, 0x80000000u, b, count);
                KeepBits.Apply(b, 1.5f, from, to, count);
            }
            for (int i = 0; i < count; i++)
                Assert.Equal(x[i] * (words[i] >= 0x80000000u ? 1.5f : 0f), y[i]);
            Assert.Equal(0, y[count]);
        }
    }
}
