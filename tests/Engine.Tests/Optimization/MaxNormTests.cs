using Lockstep.Engine.Memory;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Optimization;

public sealed unsafe class MaxNormTests
{
    // Rows of 40,000 numbers lie in two blocks each.
    private static readonly ParameterLayout Layout = new(
    [
        new("0.weight", 0, [3, 40_000], 0, false),
        new("0.bias", 0, [3], 0, true),
        new("1.weight", 1, [2, 3, 5], 0, false, Frozen: true),
        new("2.weight", 2, [4, 3], 0, false),
    ]);

    [Fact]
    public void Rows_above_the_bound_are_scaled_down_to_it_and_the_others_stay()
    {
        using var parameters = new FloatBuffer(Layout.Length);
        Fill(parameters);
        parameters.Slice(Layout["2.weight"].Offset, 3).Fill(0.1f);
        float[] before = parameters.Span.ToArray();
        Assert.True(Layout.Blocks.Count > 1);
        Rule(biases: false).ApplyMaxNorm(parameters.Pointer);
        foreach (ParameterView view in Layout.Parameters)
        {
            int columns = (int)view.Length / view.Shape[0];
            for (int row = 0; row < view.Shape[0]; row++)
            {
                Range place = (int)(view.Offset + (row * columns))..(int)(view.Offset + ((row + 1) * columns));
                bool stays = view.IsBias || view.Frozen || (view.Name == "2.weight" && row == 0);
                Assert.Equal(stays, before[place].SequenceEqual(parameters.Span[place]));
                if (!stays)
                    Assert.Equal(2, Norm(parameters.Span[place]), 1e-5);
            }
        }
    }

    [Fact]
    public void Biases_are_rows_of_their_own_where_asked()
    {
        using var parameters = new FloatBuffer(Layout.Length);
        new float[] { 1.5f, -3, 4 }.CopyTo(parameters.Slice(Layout["0.bias"].Offset, 3));
        Rule(biases: true).ApplyMaxNorm(parameters.Pointer);
        Assert.Equal([1.5f, -2f, 2f], parameters.Slice(Layout["0.bias"].Offset, 3).ToArray());
    }

    [Fact]
    public void Without_a_bound_nothing_changes()
    {
        using var parameters = new FloatBuffer(Layout.Length);
        Fill(parameters);
        float[] before = parameters.Span.ToArray();
        new UpdateRule(Layout, new UpdateSpec(new SgdSpec { LearningRate = 1 }, Regularization: new RegularizationSpec(L2: 1))).ApplyMaxNorm(parameters.Pointer);
        Assert.Equal(before, parameters.Span.ToArray());
    }

    private static UpdateRule Rule(bool biases) =>
        new(Layout, new UpdateSpec(new SgdSpec { LearningRate = 1 }, Regularization: new RegularizationSpec(Biases: biases, MaxNorm: 2)));

    private static void Fill(FloatBuffer parameters)
    {
        var random = new Random(3);
        foreach (ParameterView view in Layout.Parameters)
        {
            foreach (ref float number in parameters.Slice(view.Offset, (int)view.Length))
                number = (float)((random.NextDouble() * 4) + 2);
        }
    }

    private static double Norm(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (float number in row)
            sum += (double)number * number;
        return Math.Sqrt(sum);
    }
}
