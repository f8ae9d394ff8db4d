using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

public sealed unsafe class NonFiniteTests
{
    private const int Samples = 16;
    private const int Shards = 8;

    [Fact]
    public void Where_all_is_finite_nothing_is_found() => Assert.Null(Find((_, _) => { }));

    [Fact]
    public void A_parameter_is_named() =>
        Assert.Equal(
            new NonFinite(NonFiniteStage.Parameter, "last (dense)", null, "last.bias"),
            Find((trainer, _) => trainer.OfParameter(trainer.Parameters, "last.bias")[1] = float.NaN));

    [Fact]
    public void Data_is_named_by_its_leaf()
    {
        NonFinite? found = Find((_, minibatch) => minibatch.Inputs[(11 * minibatch.InputLength) + 2] = float.PositiveInfinity);
        Assert.Equal(new NonFinite(NonFiniteStage.Input, "0 (dense)", 5, null), found);
        Assert.Equal("the data of leaf 5 is not finite", found!.ToString());
    }

    [Fact]
    public void An_output_that_overflows_is_named_by_its_layer_and_leaf() =>
        Assert.Equal(
            new NonFinite(NonFiniteStage.Output, "last (dense)", 3, null),
            Find((trainer, minibatch) =>
            {
                // Large data of one sample passes the first layer; the second, with large weights, is too much for it.
                minibatch.Inputs.Slice(7 * minibatch.InputLength, minibatch.InputLength).Fill(1e20f);
                trainer.OfParameter(trainer.Parameters, "0.weight").Fill(1);
                trainer.OfParameter(trainer.Parameters, "last.weight").Fill(1e18f);
            }));

    [Fact]
    public void A_gradient_that_overflows_is_named_by_its_parameter_and_leaf() =>
        Assert.Equal(
            new NonFinite(NonFiniteStage.Gradient, "0 (dense)", 3, "0.weight"),
            Find((trainer, minibatch) =>
            {
                // Every output is finite; the first layer's gradient, data of 1e25 by what 1e15 hands back, is not.
                minibatch.Inputs.Slice(7 * minibatch.InputLength, minibatch.InputLength).Fill(1e25f);
                trainer.OfParameter(trainer.Parameters, "0.weight").Fill(1e-25f);
                trainer.OfParameter(trainer.Parameters, "last.weight").Fill(1e15f);
                trainer.OfParameter(trainer.Parameters, "last.bias").Fill(1e10f);
            }));

    [Fact]
    public void A_sum_that_overflows_though_every_leaf_is_finite_is_named_by_its_parameter() =>
        Assert.Equal(
            new NonFinite(NonFiniteStage.Sum, "0 (dense)", null, "0.weight"),
            Find((trainer, minibatch) =>
            {
                minibatch.Inputs.Fill(2e19f);
                trainer.OfParameter(trainer.Parameters, "0.weight").Fill(1e-19f);
                trainer.OfParameter(trainer.Parameters, "0.bias").Clear();
                trainer.OfParameter(trainer.Parameters, "last.weight").Fill(2e8f);
                trainer.OfParameter(trainer.Parameters, "last.bias").Clear();
            }));

    [Fact]
    public void The_earliest_stage_of_any_leaf_wins_over_an_earlier_leaf() =>
        Assert.Equal(
            new NonFinite(NonFiniteStage.Input, "0 (dense)", 7, null),
            Find((trainer, minibatch) =>
            {
                minibatch.Inputs[..minibatch.InputLength].Fill(float.MaxValue);
                trainer.OfParameter(trainer.Parameters, "0.weight").Fill(1);
                minibatch.Inputs[^1] = float.NaN;
            }));

    private static NonFinite? Find(Action<Trainer, Minibatch> damage)
    {
        Network network = Network.Build([new DenseSpec(5), new ActivationSpec(ActivationKind.Identity), new DenseSpec(3) { Name = "last" }], new Shape(4));
        using var trainer = new Trainer(network, new LossSpec(LossKind.L2), new UpdateSpec(new SgdSpec { LearningRate = 1 }), Samples);
        using var minibatch = Minibatch.Random(9, Samples, 4, values: 3);
        network.Initialize(trainer.Parameters.Pointer, 1);
        damage(trainer, minibatch);
        trainer.Use();
        TreeNode[] nodes = [new(0, 4), new(4, 4)];
        return trainer.Replica.FindNonFinite(nodes, Shards, Samples, minibatch.Of(Shards, nodes));
    }
}
