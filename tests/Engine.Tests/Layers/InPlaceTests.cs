using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>Layers that write their output over their input, and those that let it happen to their own.</summary>
public sealed unsafe class InPlaceTests
{
    public static TheoryData<LayerSpec, int[]> Losers => new()
    {
        { new DenseSpec(5), [7] },
        { new Conv2dSpec(3, 3), [2, 6, 5] },
        { new Conv2dSpec(32, 3) { Padding = 1 }, [32, 6, 5] },
        { new TransposedConv2dSpec(3, 2), [2, 4, 5] },
        { new LocallyConnected2dSpec(3, 2), [2, 4, 5] },
        { new TimeDelaySpec(3, 2), [6, 4] },
        { new BatchNormSpec(), [6] },
        { new BatchNormSpec(), [3, 4, 5] },
        { new MaxPool2dSpec(2), [2, 4, 6] },
        { new AveragePool2dSpec(2), [2, 4, 6] },
    };

    [Theory]
    [MemberData(nameof(Losers))]
    public void A_layer_that_does_not_keep_its_output_goes_back_without_it(LayerSpec spec, int[] input)
    {
        const int Samples = 4;
        var random = new Random(3);
        using var run = new LayerRun(spec, new Shape(input), Samples);
        Assert.False(run.Layer.KeepsOutput);
        float[] x = Minibatch.Numbers(random, Samples * run.Layer.Input.Length), dy = Minibatch.Numbers(random, Samples * run.Layer.Output.Length);
        run.Forward(Phase.Training, x, shards: 2);
        float[] expected = run.Backward(dy);
        float[][] gradients = Gradients(run);

        run.Forward(Phase.Training, x, shards: 2);
        run.LoseOutput();
        Assert.Equal(expected, run.Backward(dy));
        Assert.Equal(gradients, Gradients(run));
        Assert.DoesNotContain(expected, float.IsNaN);
    }

    [Theory]
    [InlineData(ActivationKind.Relu)]
    [InlineData(ActivationKind.Sigmoid)]
    [InlineData(ActivationKind.Tanh)]
    public void What_a_layer_gave_can_be_had_before_the_next_one_writes_over_it(ActivationKind kind)
    {
        LayerSpec[] specs = [new DenseSpec(9), new ActivationSpec(kind), new DenseSpec(3)];
        Network network = Network.Build(specs, new Shape(8));
        Assert.True(network.Layers[1].WorksInPlace);
        using var minibatch = Minibatch.Random(1, 6, 8, classes: 3);
        float[] before = Outputs(network, 0, minibatch), after = Outputs(network, 1, minibatch);
        Assert.Contains(before, number => number < 0);
        Assert.All(before.Zip(after), pair => Assert.Equal(Expected(kind, pair.First), pair.Second, 1e-6));
    }

    [Fact]
    public void The_callers_numbers_are_left_as_they_are()
    {
        float[] numbers = Minibatch.Numbers(new Random(1), 40);
        using var minibatch = new Minibatch(4, [.. numbers]);
        Network network = Network.Build([new FlattenSpec(), new ActivationSpec(ActivationKind.Relu)], new Shape(10));
        float[] outputs = Outputs(network, 1, minibatch);
        Assert.Equal(numbers.Select(number => Math.Max(number, 0)), outputs);
        Batch batch = minibatch.All();
        Assert.Equal(numbers, new ReadOnlySpan<float>(batch.Inputs, numbers.Length).ToArray());
    }

    private static double Expected(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Relu => Math.Max(x, 0),
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        ActivationKind.Tanh => Math.Tanh(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static float[][] Gradients(LayerRun run) => [.. run.Layer.Parameters.Where(parameter => parameter.Name is "weight" or "bias").Select(parameter => run.Gradient(parameter.Name))];

    private static float[] Outputs(Network network, int layer, Minibatch minibatch)
    {
        using var parameters = new FloatBuffer(network.Layout.Length);
        network.Initialize(parameters.Pointer, 5);
        return LayerOutputs.Of(network, layer, parameters, minibatch);
    }
}
