using Lockstep.Engine.Models;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;

namespace Lockstep.Jobs.Tests.Planning;

public sealed unsafe class OneHotTargetTests
{
    private const string Text = """
        data: { dataset: digits, shuffle: false }
        model: [ flatten, dense: { units: 10 } ]
        training: { loss: l2, epochs: 1, batch: 24, shards: 4, optimizer: { sgd: { learningRate: 0.1 } } }
        evaluation: { metrics: [accuracy, mse] }
        """;

    [Fact]
    public void A_loss_on_values_sees_classes_as_unit_vectors()
    {
        TrainingPlan plan = Plan(Text);
        using var loader = new MinibatchLoader(plan);
        Minibatch minibatch = plan.MinibatchAt(3);
        // Leaves 1, then 3: rows follow the nodes, not the minibatch.
        Batch batch = loader.Load(minibatch, [new TreeNode(1, 1), new TreeNode(3, 1)]);
        Assert.Equal(12, batch.Count);
        for (int row = 0; row < batch.Count; row++)
        {
            int sample = (3 * 24) + (row < 6 ? 6 + row : 12 + row);
            Assert.Equal(plan.Data.Training.ClassOf(sample), batch.Classes[row]);
            for (int i = 0; i < 10; i++)
                Assert.Equal(i == batch.Classes[row] ? 1f : 0f, batch.Values[(row * 10) + i]);
        }
    }

    [Fact]
    public void A_last_layer_without_a_unit_for_each_class_is_refused()
    {
        ShapeException e = Assert.Throws<ShapeException>(() => Plan(Text.Replace("units: 10", "units: 9", StringComparison.Ordinal)));
        Assert.Contains("10", e.Expected, StringComparison.Ordinal);
        Assert.Equal("9", e.Found);
    }

    private static TrainingPlan Plan(string text) => TrainingPlan.Create(JobFile.Parse(text, "job.yaml"), JobSource.OfFolder("."));
}
