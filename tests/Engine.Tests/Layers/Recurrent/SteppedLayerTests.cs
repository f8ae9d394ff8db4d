using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

public sealed unsafe class SteppedLayerTests
{
    private const int Samples = 5;
    private const int Steps = 6;
    private const int Features = 4;
    private const int Units = 9;

    public static TheoryData<string> Cells() => new([.. SequenceCases.Cells, "embedding"]);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Step_by_step_gives_the_bits_of_the_whole_sequence(string cell)
    {
        bool isTokens = cell == "embedding";
        LayerSpec spec = isTokens ? new EmbeddingSpec(Units, 7) : SequenceCases.Cell(cell, Units, levels: 2);
        Network network = Network.Build([spec], isTokens ? new Shape(Steps) : new Shape(Steps, Features));
        float[] inputs = isTokens ? [.. Enumerable.Range(0, Samples * Steps).Select(i => (float)(i * i % 7))] : Minibatch.Numbers(new Random(1), Samples * Steps * Features);
        float[]? mask = [.. Enumerable.Range(0, Samples * Steps).Select(i => i % 5 == 3 ? 0f : 1f)];
        using var minibatch = new Minibatch(Samples, inputs) { InputMask = mask, InitialStates = Minibatch.Numbers(new Random(2), Samples * network.StateWidth) };
        Assert.Equal(Run(network, minibatch, inputs.Length, stepped: false), Run(network, minibatch, inputs.Length, stepped: true), (a, b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b));
    }

    // Output, input gradient and parameter gradients, one after the other.
    private static float[] Run(Network network, Minibatch minibatch, int inputs, bool stepped)
    {
        using var crew = new ComputeCrew(1);
        using var parameters = new FloatBuffer(network.Layout.Length);
        network.Initialize(parameters.Pointer, 7);
        using var states = new StateSlots(network, Samples);
        using var output = new FloatBuffer(Samples * Steps * Units);
        using var outputGradient = new FloatBuffer(Samples * Steps * Units);
        using var inputGradient = new FloatBuffer(inputs);
        using var gradient = new FloatBuffer(network.Layout.Length);
        Minibatch.Numbers(new Random(3), (int)outputGradient.Length).CopyTo(outputGradient.Span);
        Layer layer = network.Layers[0];
        using LayerContext context = layer.CreateContext(network.ParametersOf(0), Samples);
        var pass = new Pass(crew);
        pass.KeepStates(states);
        pass.UseParameters(parameters.Pointer);
        Batch batch = minibatch.Of(4, SumTree.Root(4));
        pass.Begin(Phase.Training, batch);
        pass.Cut([SumTree.Root(4)], 4, Samples, [(nint)gradient.Pointer]);
        states.Begin(pass, batch);
        if (!stepped)
        {
            layer.Forward(pass, context, batch.Inputs, output.Pointer);
            layer.Backward(pass, context, batch.Inputs, output.Pointer, outputGradient.Pointer, inputGradient.Pointer);
        }
        else
        {
            var steps = (ISteppedLayer)layer;
            for (int step = 0; step < Steps; step++)
                steps.ForwardStep(pass, context, batch.Inputs, output.Pointer, step);
            for (int step = Steps - 1; step >= 0; step--)
                steps.BackwardStep(pass, context, batch.Inputs, output.Pointer, outputGradient.Pointer, inputGradient.Pointer, step);
            steps.SumGradients(pass, context, batch.Inputs, outputGradient.Pointer);
        }
        Assert.Contains(network.Layout.Trained, view => gradient.Slice(view.Offset, (int)view.Length).ContainsAnyExcept(0f));
        return [.. output.Span.ToArray(), .. inputGradient.Span.ToArray(), .. gradient.Span.ToArray()];
    }
}
