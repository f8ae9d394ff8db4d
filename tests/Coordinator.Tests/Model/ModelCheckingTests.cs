using CsCheck;
using Xunit.Abstractions;

namespace Lockstep.Coordinator.Tests.Model;

/// <summary>
/// A step closes once, with each leaf exactly once, or not at all; every coordinator that decides it decides it to the same bits; and once trouble ends, the run does too.
/// </summary>
public sealed class ModelCheckingTests(ITestOutputHelper output)
{
    // Each with a lower bound of states, so that a mistake in the model cannot make the check an empty one.
    private static readonly Dictionary<string, (ModelScenario Scenario, int AtLeast)> Small = new()
    {
        ["two workers, two leaves, two steps, no trouble"] = (new(), 100),
        ["a worker crashes at any moment"] = (new() { Crashes = 1 }, 100),
        ["a connection breaks at any moment"] = (new() { Disconnects = 1 }, 100),
        ["a message comes twice"] = (new() { Duplicates = 1 }, 100),
        ["a view is lost"] = (new() { LostViews = 1 }, 100),
        ["the coordinator's machine loses power"] = (new() { CoordinatorCrashes = 1 }, 100),
        ["a standby takes over from a coordinator that lives on"] = (new() { Workers = 1, TakeOvers = 1, Disconnects = 2 }, 100),
        ["something foreign comes"] = (new() { Strays = 1 }, 100),
        ["a frame is damaged"] = (new() { Damages = 1 }, 100),
        ["two channels"] = (new() { GradientBlocks = 1 }, 100),
    };

    public static TheoryData<string> Names => [.. Small.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_every_interleaving_each_step_closes_once_and_the_run_ends(string name)
    {
        (ModelScenario scenario, int atLeast) = Small[name];
        Explored explored = Exploration.All(scenario);
        output.WriteLine($"{explored.States} states, {explored.Steps} events, {explored.Ends} ends");
        Assert.Null(explored.Violation);
        Assert.InRange(explored.States, atLeast, int.MaxValue);
    }

    private static readonly Gen<ModelScenario> Any =
        from workers in Gen.Int[1, 4]
        from shards in Gen.Int[0, 3].Select(power => 1 << power)
        from steps in Gen.Int[1, 5]
        from blocks in Gen.Int[0, 2]
        from evaluations in Gen.Int[0, 1]
        from every in Gen.Int[1, 3]
        from often in Gen.Int[0, 4].Array[9]
        select new ModelScenario
        {
            Workers = workers,
            Shards = shards,
            Steps = steps,
            GradientBlocks = blocks,
            EvaluationMinibatches = evaluations,
            CheckpointEvery = every,
            Crashes = often[0],
            Disconnects = often[1],
            Duplicates = often[2],
            LostViews = often[3],
            CoordinatorCrashes = often[4] / 2,
            TakeOvers = often[5] / 2,
            Strays = often[6],
            Damages = often[7],
            Measurements = often[8],
            Halves = true,
        };

    private static readonly Gen<(ModelScenario Scenario, (bool Trouble, int Choice)[] Picks)> History =
        from scenario in Any
        from picks in Gen.Select(Gen.Frequency((6, Gen.Const(false)), (1, Gen.Const(true))), Gen.Int[0, 10_000]).Array[0, 200]
        select (scenario, picks);

    [Fact]
    public void In_long_histories_of_any_trouble_each_step_closes_once_and_the_run_ends() => History.Sample(
        history => Assert.Null(Exploration.One(history.Scenario, ModelCluster.TrainingOf(history.Scenario), history.Picks)), iter: 2_000);
}
