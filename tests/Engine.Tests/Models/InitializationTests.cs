using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Models;

public sealed unsafe class InitializationTests
{
    private const int Units = 300;
    private const int Inputs = 200;

    // Of a uniform draw on ±bound: variance bound²/3; of n draws the sample's has a relative deviation of about √(0.8/n).
    public static TheoryData<InitializerSpec?, double, double> Spreads() => new()
    {
        { null, 1 / Math.Sqrt(Inputs) / Math.Sqrt(3), 1 / Math.Sqrt(Inputs) },
        { new UniformInitializer(0.08f), 0.08 / Math.Sqrt(3), 0.08 },
        { new XavierInitializer(), Math.Sqrt(6.0 / (Units + Inputs)) / Math.Sqrt(3), Math.Sqrt(6.0 / (Units + Inputs)) },
        { new HeInitializer(), Math.Sqrt(2.0 / Inputs), double.PositiveInfinity },
        { new GaussianInitializer(0.01f), 0.01, double.PositiveInfinity },
    };

    [Theory]
    [MemberData(nameof(Spreads))]
    public void Weights_have_the_spread_that_their_initializer_says(InitializerSpec? initializer, double deviation, double bound)
    {
        float[] weights = Initialize(1, new DenseSpec(Units) { Initializer = initializer }, "0.weight");
        double mean = weights.Average(w => (double)w);
        double found = Math.Sqrt(weights.Average(w => (w - mean) * (w - mean)));
        Assert.InRange(mean, -5 * deviation / Math.Sqrt(weights.Length), 5 * deviation / Math.Sqrt(weights.Length));
        Assert.InRange(found, deviation * 0.98, deviation * 1.02);
        Assert.All(weights, w => Assert.InRange(Math.Abs(w), 0, (float)bound));
        Assert.True(weights.Distinct().Count() > weights.Length * 0.98, "the numbers repeat");
    }

    [Fact]
    public void Biases_start_as_weights_do_unless_told_otherwise()
    {
        double bound = 1 / Math.Sqrt(Inputs);
        float[] biases = Initialize(1, new DenseSpec(Units) { Initializer = new ConstantInitializer(3) }, "0.bias");
        Assert.All(biases, b => Assert.InRange(Math.Abs(b), 0, (float)bound));
        Assert.InRange(biases.Max(), bound * 0.9, bound);
        Assert.All(Initialize(1, new DenseSpec(Units) { BiasInitializer = new ConstantInitializer(0) }, "0.bias"), b => Assert.Equal(0, b));
        Assert.All(Initialize(1, new DenseSpec(Units) { Initializer = new ConstantInitializer(3) }, "0.weight"), w => Assert.Equal(3, w));
    }

    [Fact]
    public void The_seed_and_the_parameter_decide_the_numbers_and_names_do_not()
    {
        float[] weights = Initialize(1, new DenseSpec(Units), "0.weight");
        Assert.Equal(weights, Initialize(1, new DenseSpec(Units) { Name = "first" }, "first.weight"));
        Assert.NotEqual(weights, Initialize(2, new DenseSpec(Units), "0.weight"));
        Assert.NotEqual(weights[..Units], Initialize(1, new DenseSpec(Units), "0.bias"));
    }

    [Fact]
    public void Padding_is_zero_whatever_the_buffer_held()
    {
        Network network = Network.Build([new DenseSpec(3) { Initializer = new ConstantInitializer(1), BiasInitializer = new ConstantInitializer(1) }], new Shape(5));
        using var parameters = new FloatBuffer(network.Layout.Length);
        parameters.Span.Fill(float.NaN);
        network.Initialize(parameters.Pointer, 1);
        for (int i = 0; i < parameters.Length; i++)
            Assert.Equal(network.Layout.At(i) is null ? 0 : 1, parameters.Span[i]);
    }

    private static float[] Initialize(ulong seed, DenseSpec spec, string parameter)
    {
        Network network = Network.Build([spec], new Shape(Inputs));
        using var parameters = new FloatBuffer(network.Layout.Length);
        network.Initialize(parameters.Pointer, seed);
        return parameters.Slice(network.Layout[parameter].Offset, (int)network.Layout[parameter].Length).ToArray();
    }
}
