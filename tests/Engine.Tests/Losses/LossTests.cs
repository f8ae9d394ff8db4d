using Lockstep.Engine.Losses;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Losses;

public sealed unsafe class LossTests
{
    [Fact]
    public void Softmax_cross_entropy_of_equal_scores_is_the_logarithm_of_the_classes()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.SoftmaxCrossEntropy, [2, 2, 2, 2], new Minibatch(1, [0], classes: [1]));
        Assert.Equal(Math.Log(4), losses[0], 1e-12);
        Assert.Equal([0.25f, -0.75f, 0.25f, 0.25f], gradient);
    }

    [Fact]
    public void Softmax_cross_entropy_is_right_where_exponentials_would_overflow_or_vanish()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.SoftmaxCrossEntropy, [1e4f, 0, -1e4f, 1e4f, 0, -1e4f], new Minibatch(2, [0, 0], classes: [0, 2]));
        Assert.Equal([0.0, 2e4], losses);
        Assert.Equal([0f, 0f, 0f, 1f, 0f, -1f], gradient);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Scores_that_are_not_finite_make_a_loss_that_is_not(float score)
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.SoftmaxCrossEntropy, [1, score, 2], new Minibatch(1, [0], classes: [0]));
        Assert.False(double.IsFinite(losses[0]));
        Assert.Contains(gradient, g => !float.IsFinite(g));
    }

    [Fact]
    public void L2_is_half_the_square_and_its_gradient_the_difference()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.L2, [1, 2, 3, 4], new Minibatch(2, [0, 0], values: [0, 4, 3, 1]));
        Assert.Equal([2.5, 4.5], losses);
        Assert.Equal([1f, -2f, 0f, 3f], gradient);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_class_without_an_output_is_refused(int target)
    {
        var error = Assert.Throws<ArgumentException>(() => Evaluate(LossKind.SoftmaxCrossEntropy, [1, 2, 3], new Minibatch(1, [0], classes: [target])));
        Assert.Contains($"class {target}", error.Message);
    }

    [Fact]
    public void Targets_of_the_other_kind_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Evaluate(LossKind.SoftmaxCrossEntropy, [1, 2], new Minibatch(1, [0], values: [1, 2])));
        Assert.Throws<ArgumentException>(() => Evaluate(LossKind.L2, [1, 2], new Minibatch(1, [0], classes: [1])));
    }

    [Fact]
    public void Softmax_cross_entropy_on_images_is_refused()
    {
        var error = Assert.Throws<ShapeException>(() => Loss.Create(new LossSpec(LossKind.SoftmaxCrossEntropy), new Shape(3, 8, 8)));
        Assert.Equal("softmaxCrossEntropy (loss)", error.Layer);
    }

    [Fact]
    public void Targets_that_the_network_cannot_meet_are_refused_before_training()
    {
        Loss classes = Loss.Create(new LossSpec(LossKind.SoftmaxCrossEntropy), new Shape(10));
        Loss values = Loss.Create(new LossSpec(LossKind.L2), new Shape(10));
        classes.RequireTargets(10, null);
        classes.RequireTargets(3, null);
        values.RequireTargets(null, new Shape(10));
        Assert.Equal("10", Assert.Throws<ShapeException>(() => classes.RequireTargets(11, null)).Found);
        Assert.Equal("values [10]", Assert.Throws<ShapeException>(() => classes.RequireTargets(null, new Shape(10))).Found);
        Assert.Equal("[1, 10]", Assert.Throws<ShapeException>(() => values.RequireTargets(null, new Shape(1, 10))).Found);
        // A loss on values takes classes as one-hot vectors of as many numbers.
        values.RequireTargets(10, null);
        Assert.Equal("10", Assert.Throws<ShapeException>(() => values.RequireTargets(11, null)).Found);
    }

    [Fact]
    public void L1_is_the_magnitude_of_the_difference_and_flat_at_none()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.L1, [1, 2, 3, 4], new Minibatch(2, [0, 0], values: [0, 4, 3, 1]));
        Assert.Equal([3.0, 3.0], losses);
        Assert.Equal([1f, -1f, 0f, 1f], gradient);
    }

    [Fact]
    public void Hinge_wants_a_margin_of_1()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.Hinge, [0.25f, 1, 3, -2], new Minibatch(2, [0, 0], values: [1, 1, -1, -1]));
        Assert.Equal([0.75, 4.0], losses);
        Assert.Equal([-1f, 0f, 1f, 0f], gradient);
    }

    [Fact]
    public void Multiclass_hinge_adds_up_over_the_other_classes()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.MulticlassHinge, [1, 1.5f, 0, -3, 5, 1, 1, 1], new Minibatch(2, [0, 0], classes: [0, 0]));
        Assert.Equal([1.5, 0.0], losses);
        Assert.Equal([-1f, 1f, 0f, 0f, 0f, 0f, 0f, 0f], gradient);
    }

    [Fact]
    public void Perceptron_asks_for_changes_only_after_a_mistake_and_takes_0_for_plus_1()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.Perceptron, [1, -1, 0, 0, -0f, -2], new Minibatch(3, [0, 0, 0], values: [1, 1, 1, -1, -1, -1]));
        Assert.Equal([1.0, 0.0, 0.0], losses);
        Assert.Equal([0f, -1f, 0f, 1f, 1f, 0f], gradient);
    }

    [Fact]
    public void Binary_cross_entropy_is_right_where_exponentials_would_overflow_or_vanish()
    {
        (double[] losses, float[] gradient) = Evaluate(LossKind.BinaryCrossEntropy, [0, 1000, 1000, -1000, -40], new Minibatch(5, [0, 0, 0, 0, 0], values: [1, 1, 0, 1, 0]));
        Assert.Equal(Math.Log(2), losses[0], 1e-15);
        Assert.Equal([0.0, 1000.0, 1000.0], losses[1..4]);
        Assert.Equal(1, losses[4] / Math.Exp(-40), 1e-12);
        Assert.Equal([-0.5f, 0f, 1f, -1f, (float)Math.Exp(-40)], gradient);
    }

    [Fact]
    public void Binary_cross_entropy_on_probabilities_counts_no_logarithm_below_minus_100()
    {
        (double[] losses, float[] gradient) = Evaluate(
            LossKind.BinaryCrossEntropyOnProbabilities, [0.25f, 0, 1, 1, 1.5f], new Minibatch(5, [0, 0, 0, 0, 0], values: [1, 1, 0, 1, 1]));
        Assert.Equal(Math.Log(4), losses[0], 1e-15);
        Assert.Equal([100.0, 100.0, 0.0], losses[1..4]);
        Assert.True(double.IsNaN(losses[4]));
        Assert.Equal([-4f, -1e12f, 1e12f, 0f], gradient[..4]);
    }

    [Theory]
    [InlineData(LossKind.L1)]
    [InlineData(LossKind.L2)]
    [InlineData(LossKind.Hinge)]
    [InlineData(LossKind.MulticlassHinge)]
    [InlineData(LossKind.Perceptron)]
    [InlineData(LossKind.BinaryCrossEntropy)]
    [InlineData(LossKind.BinaryCrossEntropyOnProbabilities)]
    public void An_output_that_is_no_number_makes_loss_and_gradient_that_are_none(LossKind kind)
    {
        foreach (float target in new[] { -1f, 1f })
        {
            bool classes = new LossSpec(kind).TakesClasses;
            (double[] losses, float[] gradient) = Evaluate(kind, [0.5f, float.NaN], classes ? new Minibatch(1, [0], classes: [target < 0 ? 0 : 1]) : new Minibatch(1, [0], values: [target, target]));
            Assert.True(double.IsNaN(losses[0]));
            Assert.Contains(gradient, float.IsNaN);
        }
    }

    [Fact]
    public void Every_loss_says_what_targets_it_takes()
    {
        foreach (LossKind kind in Enum.GetValues<LossKind>())
        {
            Loss loss = Loss.Create(new LossSpec(kind), new Shape(1));
            Assert.Equal(new LossSpec(kind).TakesClasses, loss.TakesClasses);
            Assert.Equal(kind is LossKind.L1 or LossKind.L2 or LossKind.SoftmaxCrossEntropy or LossKind.MulticlassHinge, loss.FaultOf(7) is null);
            Assert.Null(loss.FaultOf(1));
            Assert.Null(loss.FaultOf(new LossSpec(kind).OtherClassValue));
        }
        Assert.Equal("is 0, and hinge takes -1 or 1", Loss.Create(new LossSpec(LossKind.Hinge), new Shape(1)).FaultOf(0));
        Assert.Equal("is -1, and binaryCrossEntropy takes between 0 and 1", Loss.Create(new LossSpec(LossKind.BinaryCrossEntropy), new Shape(1)).FaultOf(-1));
    }

    [Fact]
    public void One_output_tells_two_classes_apart_where_the_loss_has_two_sides()
    {
        foreach (LossKind kind in new[] { LossKind.Hinge, LossKind.Perceptron, LossKind.BinaryCrossEntropy, LossKind.BinaryCrossEntropyOnProbabilities })
        {
            Loss loss = Loss.Create(new LossSpec(kind), new Shape(1));
            loss.RequireTargets(2, null);
            Assert.Throws<ShapeException>(() => loss.RequireTargets(3, null));
        }
        Assert.Throws<ShapeException>(() => Loss.Create(new LossSpec(LossKind.L1), new Shape(1)).RequireTargets(2, null));
    }

    [Theory]
    [InlineData(LossKind.SoftmaxCrossEntropy)]
    [InlineData(LossKind.L2)]
    [InlineData(LossKind.L1)]
    [InlineData(LossKind.Hinge)]
    [InlineData(LossKind.MulticlassHinge)]
    [InlineData(LossKind.Perceptron)]
    [InlineData(LossKind.BinaryCrossEntropy)]
    public void The_number_of_threads_changes_no_bit(LossKind kind)
    {
        float[] scores = Minibatch.Numbers(new Random(3), 301 * 37, 5);
        Minibatch Targets() => new LossSpec(kind).TakesClasses ? Minibatch.Random(1, 301, 1, classes: 37) : Minibatch.Random(1, 301, 1, values: 37);
        (double[] losses, float[] gradient) = Evaluate(kind, scores, Targets(), threads: 1);
        (double[] sharedLosses, float[] sharedGradient) = Evaluate(kind, scores, Targets(), threads: 3);
        Assert.Equal(losses, sharedLosses);
        Assert.Equal(gradient, sharedGradient);
    }

    private static (double[] Losses, float[] Gradient) Evaluate(LossKind kind, float[] scores, Minibatch targets, int threads = 1)
    {
        using (targets)
        {
            using var crew = new ComputeCrew(threads);
            double[] losses = new double[targets.Samples], terms = new double[targets.Samples];
            float[] gradient = new float[scores.Length];
            Loss loss = Loss.Create(new LossSpec(kind), new Shape(scores.Length / targets.Samples));
            fixed (float* y = scores, dy = gradient)
            {
                fixed (double* l = losses, n = terms)
                    loss.Evaluate(crew, targets.All(), y, l, n, dy);
            }
            return (losses, gradient);
        }
    }
}
