using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

public sealed class ImageLayerTests
{
    public static TheoryData<string, LayerSpec[], int[]> Networks() => new()
    {
        { "conv2d", [new Conv2dSpec(3, 3)], [2, 5, 4] },
        { "conv2d with everything", [new Conv2dSpec(4, new Extent2d(3, 2)) { Stride = new Extent2d(2, 1), Padding = new Extent2d(1, 2), Dilation = new Extent2d(1, 2), Groups = 2 }], [4, 6, 5] },
        { "conv2d stacked", [new Conv2dSpec(3, 3, Bias: false) { Padding = 1 }, new ActivationSpec(ActivationKind.Tanh), new Conv2dSpec(2, 3) { Stride = 2 }], [1, 6, 7] },
        { "locallyConnected2d", [new LocallyConnected2dSpec(3, new Extent2d(2, 3)) { Stride = new Extent2d(1, 2), Padding = 1 }], [2, 4, 5] },
        { "locallyConnected2d without bias", [new LocallyConnected2dSpec(2, 2, Bias: false), new ActivationSpec(ActivationKind.Tanh), new LocallyConnected2dSpec(2, 2)], [1, 4, 4] },
        { "transposedConv2d", [new TransposedConv2dSpec(2, 3)], [3, 3, 2] },
        { "transposedConv2d with everything", [new TransposedConv2dSpec(4, new Extent2d(2, 3)) { Stride = new Extent2d(2, 3), Padding = 1, OutputPadding = new Extent2d(1, 2), Dilation = new Extent2d(2, 1), Groups = 2 }], [2, 3, 2] },
        { "transposedConv2d padded by its dilation", [new TransposedConv2dSpec(1, 2) { Dilation = 3, OutputPadding = 2 }], [2, 2, 3] },
        { "timeDelay", [new TimeDelaySpec(3, 4) { Stride = 2, Padding = 2, Dilation = 2 }, new ActivationSpec(ActivationKind.Tanh), new TimeDelaySpec(2, 2)], [9, 3] },
        { "maxPool2d", [new Conv2dSpec(3, 2), new MaxPool2dSpec(3) { Stride = 2, Padding = 1 }], [2, 6, 5] },
        { "maxPool2d side by side", [new MaxPool2dSpec(new Extent2d(2, 3))], [2, 5, 6] },
        { "averagePool2d", [new AveragePool2dSpec(3) { Stride = new Extent2d(1, 2), Padding = 1 }], [2, 5, 4] },
        { "averagePool2d not counting", [new AveragePool2dSpec(new Extent2d(2, 3)) { Stride = 1, Padding = 1, CountPadding = false }], [2, 3, 4] },
        { "localResponseNorm", [new LocalResponseNormSpec { Alpha = 0.5f, K = 1 }], [7, 2, 2] },
        { "localResponseNorm, other power", [new LocalResponseNormSpec { Alpha = 0.5f, K = 1, Beta = 0.6f, Size = 4 }, new Conv2dSpec(2, 1)], [6, 2, 2] },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_are_the_differences(string name, LayerSpec[] layers, int[] input) =>
        FiniteDifferenceTests.Check(name, layers, LossKind.L2, new Shape(input));

    [Theory]
    [MemberData(nameof(Networks))]
    public unsafe void Nodes_and_threads_change_no_bit(string name, LayerSpec[] layers, int[] input)
    {
        Assert.NotEmpty(name);
        var shape = new Shape(input);
        Network network = Network.Build([.. layers, new FlattenSpec(), new DenseSpec(3)], shape);
        foreach ((int samples, int shards) in new[] { (37, 8), (3, 4), (90, 16) })
        {
            using var minibatch = Minibatch.Random(samples, samples, shape.Length, classes: 3);
            float[]? expected = null;
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using var trainer = new Trainer(network, new LossSpec(LossKind.SoftmaxCrossEntropy), new UpdateSpec(new SgdSpec { LearningRate = 1 }), samples, threads);
                network.Initialize(trainer.Parameters.Pointer, 3);
                float[] whole = trainer.Train(minibatch, shards, [SumTree.Root(shards)]);
                expected ??= whole;
                TreeNode[] leaves = [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))];
                Assert.Equal(Bits(expected), Bits(whole));
                Assert.Equal(Bits(expected), Bits(trainer.Train(minibatch, shards, leaves)));
                Assert.Equal(Bits(expected), Bits(trainer.Train(minibatch, shards, [new TreeNode(0, shards / 2), .. leaves[(shards / 2)..]])));
                float[][] alone = [.. leaves.Select(leaf => trainer.TrainNode(minibatch, shards, leaf))];
                double[] none = new double[trainer.Sums.Length];
                Assert.Equal(Bits(expected), Bits(Trainer.Add(SumTree.Root(shards), leaves, alone, [.. leaves.Select(_ => none)]).Gradient));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public unsafe void A_samples_output_does_not_depend_on_its_batch(string name, LayerSpec[] layers, int[] input)
    {
        Assert.NotEmpty(name);
        Network network = Network.Build(layers, new Shape(input));
        using var minibatch = Minibatch.Random(9, 40, network.Input.Length, values: network.Output.Length);
        using var trainer = new Trainer(network, new LossSpec(LossKind.L2), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 40, 2);
        network.Initialize(trainer.Parameters.Pointer, 3);
        float[] together = trainer.Predict(minibatch);
        using var alone = new FloatBuffer(network.Output.Length);
        for (int i = 0; i < 40; i += 13)
        {
            // Leaves of 40 samples in 64 hold one sample or none.
            TreeNode leaf = new(Enumerable.Range(0, 64).First(leaf => SumTree.LeafSamples(leaf, 64, 40) == (i, i + 1)), 1);
            trainer.Replica.Predict(minibatch.Of(64, leaf), alone.Pointer);
            Assert.Equal(Bits(together[(i * network.Output.Length)..((i + 1) * network.Output.Length)]), Bits(alone.Span.ToArray()));
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public unsafe void Nothing_is_allocated_once_all_has_run(string name, LayerSpec[] layers, int[] input)
    {
        Network network = Network.Build(layers, new Shape(input));
        using var minibatch = Minibatch.Random(9, 12, network.Input.Length, values: network.Output.Length);
        using var trainer = new Trainer(network, new LossSpec(LossKind.L2), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 12, 1);
        network.Initialize(trainer.Parameters.Pointer, 3);
        trainer.Use();
        using var gradient = new FloatBuffer(network.Layout.Length);
        using var inputGradient = new FloatBuffer(12 * network.Input.Length);
        var batch = minibatch.Of(4, SumTree.Root(4));
        var sink = new Silent();
        long before = 0;
        for (int i = 0; i < 3; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            trainer.Replica.Train([SumTree.Root(4)], 4, 12, batch, [(nint)gradient.Pointer], sink, CancellationToken.None, inputGradient.Pointer);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated == 0, $"{name}: {allocated} bytes");
    }

    [Theory]
    [InlineData(3, 2, 1, 11, 13)]
    [InlineData(2, 2, 0, 8, 8)]
    [InlineData(3, 1, 1, 5, 4)]
    [InlineData(5, 3, 2, 17, 9)]
    public unsafe void The_first_maximum_in_row_major_order_wins_among_ties_signs_zeros_infinities_and_NaN(int kernel, int stride, int padding, int height, int width)
    {
        using var layer = new LayerRun(new MaxPool2dSpec(kernel) { Stride = stride, Padding = padding }, new Shape(1, height, width), 1);
        var random = new Random(kernel);
        float[] few = [-2, -1, -0f, 0f, 1, 2, 2, -2, float.NegativeInfinity, float.PositiveInfinity, float.NaN];
        for (int round = 0; round < 40; round++)
        {
            // Most rounds have no NaN, which would win nearly all windows.
            float[] x = [.. Enumerable.Range(0, height * width).Select(_ => few[random.Next(round % 4 == 0 ? few.Length : round % 4 == 1 ? 5 : few.Length - 2)])];
            float[] expected = new float[x.Length];
            var outputs = new List<float>();
            int outputHeight = ((height + (2 * padding) - kernel) / stride) + 1, outputWidth = ((width + (2 * padding) - kernel) / stride) + 1;
            for (int place = 0; place < outputHeight * outputWidth; place++)
            {
                int winner = -1;
                for (int y = Math.Max(0, (place / outputWidth * stride) - padding); y < Math.Min(height, (place / outputWidth * stride) - padding + kernel); y++)
                {
                    for (int at = Math.Max(0, (place % outputWidth * stride) - padding); at < Math.Min(width, (place % outputWidth * stride) - padding + kernel); at++)
                    {
                        int pixel = (y * width) + at;
                        if (winner < 0 || x[pixel] > x[winner] || (float.IsNaN(x[pixel]) && !float.IsNaN(x[winner])))
                            winner = pixel;
                    }
                }
                outputs.Add(x[winner]);
                expected[winner] += 1 + place;
            }
            Assert.Equal(outputs.Select(BitConverter.SingleToInt32Bits), layer.Forward(Phase.Training, x).Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(expected, layer.Backward([.. outputs.Select((_, place) => 1f + place)]));
        }
    }

    [Fact]
    public unsafe void A_tie_goes_to_the_first_maximum_and_NaN_beats_every_number()
    {
        Network network = Network.Build([new MaxPool2dSpec(2) { Stride = 1 }], new Shape(1, 2, 3));
        float[] x = [1, 3, 3, 3, 2, float.NaN];
        using var minibatch = new Minibatch(1, x, values: [0, 0]);
        using var trainer = new Trainer(network, new LossSpec(LossKind.L2, LossReduction.Sum), new UpdateSpec(new SgdSpec { LearningRate = 1 }), 1);
        using var gradient = new FloatBuffer(6);
        Assert.Equal([3, float.NaN], trainer.Predict(minibatch));
        trainer.Train(minibatch, 1, [SumTree.Root(1)], gradient);
        Assert.Equal([0, 3, 0, 0, 0, float.NaN], gradient.Span.ToArray());
    }

    [Theory]
    [InlineData("Layer 0 (conv2d), axis 1 (height): expected at least the kernel's 5, found 4.", 5, 1, 0, 1, 1)]
    [InlineData("Layer 0 (conv2d), axis 1 (height): expected at least the kernel's 9 (3 taps, 4 apart), found 6 (4 and 1 of padding on each side).", 3, 1, 1, 4, 1)]
    [InlineData("Layer 0 (conv2d), axis 0 of its input: expected channels in 2 equal groups, found 3.", 3, 1, 0, 1, 2)]
    [InlineData("Layer 0 (conv2d), stride: expected at least 1, found 0.", 3, 0, 0, 1, 1)]
    public void What_does_not_fit_is_refused_with_the_numbers(string message, int kernel, int stride, int padding, int dilation, int groups)
    {
        var spec = new Conv2dSpec(4, kernel) { Stride = stride, Padding = padding, Dilation = dilation, Groups = groups };
        Assert.StartsWith(message, Assert.Throws<ShapeException>(() => Network.Build([spec], new Shape(3, 4, 9))).Message);
    }

    [Fact]
    public void What_is_no_image_is_refused_with_what_to_do()
    {
        LayerSpec[] layers = [new Conv2dSpec(1, 1), new LocallyConnected2dSpec(1, 1), new TransposedConv2dSpec(1, 1), new MaxPool2dSpec(1), new AveragePool2dSpec(1), new LocalResponseNormSpec()];
        foreach (LayerSpec layer in layers)
        {
            Assert.Contains("Give the samples an axis of channels: [1, 8, 9]", Assert.Throws<ShapeException>(() => Network.Build([layer], new Shape(8, 9))).Message);
            Assert.Contains("flatten", Assert.Throws<ShapeException>(() => Network.Build([layer], new Shape(72))).Message);
        }
        Assert.Contains("Take conv2d", Assert.Throws<ShapeException>(() => Network.Build([new TimeDelaySpec(1, 1)], new Shape(1, 8, 9))).Message);
        Assert.Contains("at most half of the kernel of 3", Assert.Throws<ShapeException>(() => Network.Build([new MaxPool2dSpec(3) { Padding = 2 }], new Shape(1, 8, 9))).Message);
        Assert.Contains("an outputPadding below the stride of 2 or the dilation of 1", Assert.Throws<ShapeException>(() => Network.Build([new TransposedConv2dSpec(1, 3) { Stride = 2, OutputPadding = 2 }], new Shape(1, 8, 9))).Message);
        Assert.Contains("at least 1 place, found -3", Assert.Throws<ShapeException>(() => Network.Build([new TransposedConv2dSpec(1, 1) { Padding = 2 }], new Shape(1, 1, 1))).Message);
    }

    [Fact]
    public void Shapes_and_fans_are_those_of_PyTorch()
    {
        Require(new Conv2dSpec(8, new Extent2d(3, 2)) { Groups = 2 }, [8, 2, 3, 2], fanIn: 12, fanOut: 48, [8, 6, 6]);
        Require(new TransposedConv2dSpec(6, new Extent2d(3, 2)) { Groups = 2, Stride = 2 }, [4, 3, 3, 2], fanIn: 18, fanOut: 24, [6, 17, 14]);
        Require(new LocallyConnected2dSpec(5, 3), [5, 6, 5, 4, 3, 3], fanIn: 36, fanOut: 45, [5, 6, 5]);

        static void Require(LayerSpec spec, int[] weight, int fanIn, int fanOut, int[] output)
        {
            Layer layer = Network.Build([spec], new Shape(4, 8, 7)).Layers[0];
            Assert.Equal(weight, layer.Parameters[0].Shape);
            Assert.All(layer.Parameters, parameter => Assert.Equal((fanIn, fanOut), (parameter.FanIn, parameter.FanOut)));
            Assert.Equal(output, layer.Output.Axes);
        }
    }

    private static uint[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToUInt32Bits)];

    private sealed class Silent : IStepSink
    {
        public void SumsReady(int node, ReadOnlySpan<double> sums)
        {
        }

        public void BucketReady(int bucket)
        {
        }
    }
}
