using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>The perceptron learning rule: w ← w + t·x on a mistake, and nothing else.</summary>
public sealed class PerceptronTests
{
    // Worked out by hand for the logical and, weights from zero, sign(0) = +1, a rate of 1, one sample a step: (w1, w2, b) after each.
    private static readonly (float[] Input, float Target, float[] After)[] Trace =
    [
        ([-1, -1], -1, [1, 1, -1]),
        ([-1, 1], -1, [1, 1, -1]),
        ([1, -1], -1, [1, 1, -1]),
        ([1, 1], 1, [1, 1, -1]),
        ([-1, -1], -1, [1, 1, -1]),
    ];

    // The same with 0 and 1 for false and true, which takes longer.
    private static readonly (float[] Input, float Target, float[] After)[] LongerTrace =
    [
        ([0, 0], -1, [0, 0, -1]),
        ([0, 1], -1, [0, 0, -1]),
        ([1, 0], -1, [0, 0, -1]),
        ([1, 1], 1, [1, 1, 0]),
        ([0, 0], -1, [1, 1, -1]),
        ([0, 1], -1, [1, 0, -2]),
        ([1, 0], -1, [1, 0, -2]),
        ([1, 1], 1, [2, 1, -1]),
        ([0, 0], -1, [2, 1, -1]),
        ([0, 1], -1, [2, 0, -2]),
        ([1, 0], -1, [1, 0, -3]),
        ([1, 1], 1, [2, 1, -2]),
        ([0, 0], -1, [2, 1, -2]),
        ([0, 1], -1, [2, 1, -2]),
        ([1, 0], -1, [1, 1, -3]),
        ([1, 1], 1, [2, 2, -2]),
        ([0, 0], -1, [2, 2, -2]),
        ([0, 1], -1, [2, 1, -3]),
        ([1, 0], -1, [2, 1, -3]),
        ([1, 1], 1, [2, 1, -3]),
        ([0, 0], -1, [2, 1, -3]),
        ([0, 1], -1, [2, 1, -3]),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_change_on_a_mistake_and_only_then(bool longer)
    {
        var zeros = new ConstantInitializer(0);
        Network network = Network.Build([new PerceptronSpec { Initializer = zeros, BiasInitializer = zeros }], new Shape(2));
        using var trainer = new Trainer(network, new LossSpec(LossKind.Perceptron), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 1);
        (float[] Input, float Target, float[] After)[] trace = longer ? LongerTrace : Trace;
        for (int step = 0; step < trace.Length; step++)
        {
            float[] before = Weights(trainer);
            using var minibatch = new Minibatch(1, trace[step].Input, values: [trace[step].Target]);
            float named = trainer.Predict(minibatch)[0];
            Assert.Equal(before[0] * trace[step].Input[0] + before[1] * trace[step].Input[1] + before[2] >= 0 ? 1 : -1, named);
            (double loss, ClipDecision clip) = trainer.Prepare(trainer.Train(minibatch, 1, [SumTree.Root(1)]));
            Assert.Equal(named == trace[step].Target ? 0 : 1, loss);
            Assert.True(trainer.Update(clip, step));
            Assert.Equal(trace[step].After, Weights(trainer));
        }
    }

    [Fact]
    public void Several_units_learn_each_for_itself()
    {
        var zeros = new ConstantInitializer(0);
        Network network = Network.Build([new PerceptronSpec(3) { Initializer = zeros, BiasInitializer = zeros }], new Shape(2));
        using var trainer = new Trainer(network, new LossSpec(LossKind.Perceptron), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 1);
        using var minibatch = new Minibatch(1, [2, -3], values: [-1, 1, -1]);
        (double loss, ClipDecision clip) = trainer.Prepare(trainer.Train(minibatch, 1, [SumTree.Root(1)]));
        Assert.Equal(2, loss);
        Assert.True(trainer.Update(clip, 0));
        Assert.Equal([-2f, 3f, 0f, 0f, -2f, 3f], trainer.OfParameter(trainer.Parameters, "0.weight").ToArray());
        Assert.Equal([-1f, 0f, -1f], trainer.OfParameter(trainer.Parameters, "0.bias").ToArray());
    }

    [Fact]
    public void An_image_is_refused_by_name() =>
        Assert.Equal("0 (perceptron)", Assert.Throws<ShapeException>(() => Network.Build([new PerceptronSpec()], new Shape(1, 2, 2))).Layer);

    private static float[] Weights(Trainer trainer) =>
        [.. trainer.OfParameter(trainer.Parameters, "0.weight"), .. trainer.OfParameter(trainer.Parameters, "0.bias")];
}
