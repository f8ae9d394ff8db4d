using Lockstep.Engine.Layers;
using Lockstep.Engine.Losses;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Oracle;

/// <summary>Dropout with given masks, and batch normalization of one leaf: layers whose training is not their prediction.</summary>
public sealed unsafe class NormalizationOracleTests
{
    [Theory]
    [InlineData("dropout_inverted")]
    [InlineData("dropout_plain")]
    [InlineData("batch_norm_1d")]
    [InlineData("batch_norm_2d")]
    public void A_training_agrees_with_PyTorch(string name)
    {
        using var oracle = new OracleCase(name);
        using Minibatch minibatch = oracle.Minibatch();
        Network network = oracle.BuildNetwork();
        GiveMasks(oracle, network);
        using var trainer = new Trainer(network, oracle.Loss, oracle.Update, minibatch.Samples);
        using var inputGradient = new FloatBuffer(minibatch.Samples * minibatch.InputLength);
        network.Initialize(trainer.Parameters.Pointer, 1);
        foreach (ParameterView parameter in network.Layout.Trained)
            oracle.Floats($"w0.{parameter.Name}").CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        RequireClose(oracle.Floats("out"), TrainingOutput(network, oracle, minibatch, trainer.Parameters), "out");

        float[] losses = oracle.Floats("losses");
        float[] found = new float[losses.Length];
        for (int step = 0; step < losses.Length; step++)
        {
            float[] gradient = trainer.Train(minibatch, 1, [SumTree.Root(1)], inputGradient);
            (double loss, ClipDecision clip) = trainer.Prepare(gradient);
            found[step] = (float)loss;
            if (step == 0)
            {
                RequireClose(oracle.Floats("loss"), [(float)loss], "loss");
                foreach (ParameterView parameter in network.Layout.Trained)
                    RequireClose(oracle.Floats($"grad.{parameter.Name}"), trainer.OfParameter(trainer.Gradient, parameter.Name).ToArray(), $"grad.{parameter.Name}");
                long divisor = trainer.Replica.Sums.Divisor(trainer.Sums);
                RequireClose(oracle.Floats("grad_in.x"), [.. inputGradient.Span.ToArray().Select(g => g / divisor)], "grad_in.x");
            }
            Assert.True(trainer.Update(clip, step));
        }
        RequireClose(losses, found, "losses");
        foreach (ParameterView parameter in network.Layout.Trained)
            RequireClose(oracle.Floats($"wk.{parameter.Name}"), trainer.OfParameter(trainer.Parameters, parameter.Name).ToArray(), $"wk.{parameter.Name}");
        foreach (ParameterView parameter in network.Layout.Of(ParameterRole.RunningStatistic))
            RequireClose(oracle.Floats($"state.{parameter.Name}"), trainer.OfParameter(trainer.Parameters, parameter.Name).ToArray(), $"state.{parameter.Name}");
    }

    private static void GiveMasks(OracleCase oracle, Network network)
    {
        foreach (DropoutLayer layer in network.Layers.OfType<DropoutLayer>())
        {
            float[] mask = oracle.Floats($"in.{layer.Name}.mask");
            layer.GivenMask = (sample, _, element) => mask[(sample * layer.Input.Length) + element] != 0;
        }
    }

    private static float[] TrainingOutput(Network network, OracleCase oracle, Minibatch minibatch, FloatBuffer parameters)
    {
        using var crew = new ComputeCrew(1);
        using var propagation = new Propagation(network, Loss.Create(oracle.Loss, network.Output), minibatch.Samples, crew);
        using var gradient = new FloatBuffer(network.Layout.Length);
        propagation.Pass.UseParameters(parameters.Pointer);
        propagation.Begin(Phase.Training, minibatch.All());
        propagation.Pass.Cut([SumTree.Root(1)], 1, minibatch.Samples, [(nint)gradient.Pointer]);
        for (int layer = 0; layer < network.Layers.Count; layer++)
            propagation.Forward(layer);
        return new Span<float>(propagation.Result, minibatch.Samples * network.Output.Length).ToArray();
    }

    private static void RequireClose(float[] expected, float[] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double difference = Math.Sqrt(expected.Zip(found, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        double allowed = (1e-5 * Math.Sqrt(expected.Sum(a => (double)a * a))) + (1e-7 * Math.Sqrt(expected.Length));
        Assert.True(difference <= allowed, $"{what} is {difference:g3} away, {allowed:g3} is allowed");
    }
}
