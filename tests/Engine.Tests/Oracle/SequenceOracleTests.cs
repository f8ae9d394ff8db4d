using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Oracle;

public sealed unsafe class SequenceOracleTests
{
    public static TheoryData<string, int> Cases() => Sharded(
    [
        "rnn_tanh", "rnn_relu", "lstm", "lstm_peephole", "lstm_coupled", "gru_reset_before", "gru_reset_after", "lstm_two_layers", "gru_two_layers",
        "embedding", "many_to_one", "many_to_many", "one_to_many",
    ]);

    public static TheoryData<string, int> ChunkedCases() => Sharded(["tbptt_rnn", "tbptt_lstm_two_layers", "tbptt_gru"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_training_over_sequences_agrees_with_PyTorch(string name, int shards)
    {
        using var oracle = new OracleCase(name);
        Network network = oracle.BuildSequenceNetwork();
        using Minibatch minibatch = oracle.SequenceMinibatch(network);
        using Trainer trainer = Begin(oracle, network, minibatch);
        OracleTests.RequireClose(oracle.OfOutput("out", network), trainer.Predict(minibatch), "out");
        using var inputGradient = new FloatBuffer(minibatch.Samples * minibatch.InputLength);
        using FloatBuffer? stateGradient = minibatch.InitialStates is null ? null : new FloatBuffer(minibatch.Samples * network.StateWidth);

        float[] losses = oracle.Floats("losses");
        float[] found = new float[losses.Length];
        for (int step = 0; step < losses.Length; step++)
        {
            float[] gradient = trainer.Train(minibatch, shards, Leaves(shards), inputGradient, stateGradient);
            (double loss, ClipDecision clip) = trainer.Prepare(gradient);
            found[step] = (float)loss;
            if (step == 0)
            {
                long divisor = trainer.Replica.Sums.Divisor(trainer.Sums);
                OracleTests.RequireClose(oracle.Floats("loss"), [(float)loss], "loss");
                RequireParametersClose(oracle, trainer, trainer.Gradient, "grad");
                if (oracle.Has("grad_in.x"))
                    OracleTests.RequireClose(oracle.OfInput("grad_in.x"), [.. inputGradient.Span.ToArray().Select(g => g / divisor)], "grad_in.x");
                if (stateGradient is not null)
                    OracleTests.RequireClose(oracle.StateGradients(network, minibatch.Samples), [.. stateGradient.Span.ToArray().Select(g => g / divisor)], "grad_in of the states");
            }
            Assert.True(trainer.Update(clip, step));
        }
        OracleTests.RequireClose(losses, found, "losses");
        RequireParametersClose(oracle, trainer, trainer.Parameters, "wk");
    }

    [Theory]
    [MemberData(nameof(ChunkedCases))]
    public void A_training_in_chunks_agrees_with_PyTorch(string name, int shards)
    {
        using var oracle = new OracleCase(name);
        Network network = oracle.BuildSequenceNetwork();
        using Minibatch first = oracle.SequenceMinibatch(network);
        using Trainer trainer = Begin(oracle, network, first);
        OracleTests.RequireClose(oracle.OfOutput("out", network), trainer.Predict(first), "out");

        float[] losses = oracle.Floats("losses");
        float[] found = new float[losses.Length];
        for (int chunk = 0; chunk < oracle.Chunks; chunk++)
        {
            using Minibatch minibatch = oracle.SequenceMinibatch(network, chunk);
            (double loss, ClipDecision clip) = trainer.Prepare(trainer.Train(minibatch, shards, Leaves(shards)));
            found[chunk] = (float)loss;
            RequireParametersClose(oracle, trainer, trainer.Gradient, $"chunk{chunk}.grad");
            Assert.True(trainer.Update(clip, chunk));
        }
        OracleTests.RequireClose(losses, found, "losses");
        RequireParametersClose(oracle, trainer, trainer.Parameters, "wk");
        foreach (ParameterView state in network.Layout.Of(ParameterRole.CarriedState))
            OracleTests.RequireClose(oracle.OfParameter("state", state), trainer.OfParameter(trainer.Parameters, state.Name).ToArray(), state.Name);
    }

    private static TheoryData<string, int> Sharded(string[] names)
    {
        var cases = new TheoryData<string, int>();
        foreach (string name in names)
        {
            foreach (int shards in new[] { 1, 2, 8 })
                cases.Add(name, shards);
        }
        return cases;
    }

    private static TreeNode[] Leaves(int shards) => [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))];

    private static Trainer Begin(OracleCase oracle, Network network, Minibatch minibatch)
    {
        var trainer = new Trainer(network, oracle.Loss, oracle.Update, minibatch.Samples);
        foreach (ParameterView parameter in network.Layout.Trained)
            oracle.OfParameter("w0", parameter).CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        return trainer;
    }

    private static void RequireParametersClose(OracleCase oracle, Trainer trainer, FloatBuffer found, string prefix)
    {
        foreach (ParameterView parameter in trainer.Network.Layout.Trained)
            OracleTests.RequireClose(oracle.OfParameter(prefix, parameter), trainer.OfParameter(found, parameter.Name).ToArray(), $"{prefix}.{parameter.Name}");
    }
}
