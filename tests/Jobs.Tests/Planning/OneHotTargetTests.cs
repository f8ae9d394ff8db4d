using Lockstep.Engine.Data;
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

    [Theory]
    [InlineData("hinge", -1)]
    [InlineData("perceptron", -1)]
    [InlineData("binaryCrossEntropy", 0)]
    [InlineData("l1", 0)]
    public void The_other_classes_have_the_value_that_the_loss_gives_them(string loss, float other)
    {
        TrainingPlan plan = Plan(Text.Replace("loss: l2", $"loss: {loss}", StringComparison.Ordinal));
        using var loader = new MinibatchLoader(plan);
        Batch batch = loader.Load(plan.MinibatchAt(0));
        for (int row = 0; row < batch.Count; row++)
        {
            for (int i = 0; i < 10; i++)
                Assert.Equal(i == batch.Classes[row] ? 1f : other, batch.Values[(row * 10) + i]);
        }
    }

    [Theory]
    [InlineData("hinge", -1)]
    [InlineData("binaryCrossEntropy", 0)]
    public void A_single_output_tells_two_classes_apart(string loss, float other)
    {
        TrainingPlan plan = Plan(Text.Replace("loss: l2", $"loss: {loss}", StringComparison.Ordinal).Replace("units: 10", "units: 1", StringComparison.Ordinal)
            .Replace("dataset: digits", "dataset: digits, classes: [3, 8]", StringComparison.Ordinal));
        using var loader = new MinibatchLoader(plan);
        Batch batch = loader.Load(plan.MinibatchAt(0));
        Assert.Equal(2, new HashSet<int>(new ReadOnlySpan<int>(batch.Classes, batch.Count).ToArray()).Count);
        for (int row = 0; row < batch.Count; row++)
            Assert.Equal(batch.Classes[row] == 1 ? 1 : other, batch.Values[row]);
    }

    [Fact]
    public void Target_values_that_the_loss_has_no_side_for_are_refused_before_training()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-targets-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.csv"), "x,y\n1,1\n2,-1\n3,0\n");
            string text = """
                data: { csv: { path: a.csv, inputs: [x], targets: [y] } }
                model: [ dense: { units: 1 } ]
                training: { loss: hinge, epochs: 1, batch: 2, optimizer: { sgd: { learningRate: 0.1 } } }
                """;
            TrainingPlan Made(string job) => TrainingPlan.Create(JobFile.Parse(job, "job.yaml"), JobSource.OfFolder(folder));
            Assert.Contains("sample 2 is 0, and hinge takes -1 or 1", Assert.Throws<DataException>(() => Made(text)).Message, StringComparison.Ordinal);
            Assert.Equal(3, Made(text.Replace("hinge", "l1", StringComparison.Ordinal)).Data.Training.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
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
