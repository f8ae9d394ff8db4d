using Lockstep.Engine.Models;
using Lockstep.Jobs.Planning;

namespace Lockstep.Jobs.Tests.Planning;

/// <summary>A decoder that is judged by what it writes on its own.</summary>
public sealed class FreeRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-free-run-").FullName;

    [Fact]
    public void A_decoder_with_outputs_that_it_could_not_read_is_refused_before_anything_is_computed()
    {
        File.WriteAllText(Path.Combine(_folder, "pairs.csv"), "source,target\nab,ba\nba,ab\nbb,bb\n");
        ShapeException fault = Assert.Throws<ShapeException>(() => Plan(units: 5, "exactMatch"));
        Assert.Contains("at most 4", fault.Message, StringComparison.Ordinal);
        Assert.Equal(5, Plan(units: 5, "accuracy").Network.Output[1]);
        Assert.Equal(4, Plan(units: 4, "exactMatch").Network.Output[1]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private TrainingPlan Plan(int units, string metric) => TrainingPlan.Create(
        JobFile.Parse($$"""
            name: pairs
            data: { pairs: { path: pairs.csv, unit: character }, validation: { fraction: 0.34 } }
            model: { encoder: [ embedding: { size: 3 }, gru: { units: 4 } ], decoder: [ embedding: { size: 3 }, gru: { units: 4 }, dense: { units: {{units}} } ] }
            training: { loss: softmaxCrossEntropy, epochs: 1, batch: 2, optimizer: { sgd: { learningRate: 0.1 } } }
            evaluation: { metrics: [{{metric}}] }
            """, "job.yaml"),
        JobSource.OfFolder(_folder));
}
