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
        ["two workers join and make two steps"] = (new(), 600),
        ["a worker crashes while all join"] = (new() { Steps = 1, Crashes = 1 }, 700),
        ["the coordinator's machine loses power while all join"] = (new() { Steps = 1, CoordinatorCrashes = 1 }, 1_200),
        ["a message comes twice"] = (new() { Duplicates = 1 }, 5_000),
        ["a view is lost"] = (new() { LostViews = 1 }, 3_000),
        ["a worker crashes and a message comes twice"] = (new() { IsUnderWay = true, Crashes = 1, Duplicates = 1 }, 4_000),
        ["a connection breaks"] = (new() { IsUnderWay = true, Steps = 1, Disconnects = 1 }, 3_000),
        ["the coordinator's machine loses power"] = (new() { IsUnderWay = true, CoordinatorCrashes = 1 }, 1_400),
        ["a worker crashes and the coordinator's machine loses power"] = (new() { IsUnderWay = true, Workers = 1, Crashes = 1, CoordinatorCrashes = 1 }, 1_700),
        ["a standby takes over from a coordinator that lives on"] = (new() { IsUnderWay = true, TakeOvers = 1 }, 2_000),
        ["a worker goes back to a coordinator that was replaced"] = (new() { IsUnderWay = true, Workers = 1, Steps = 1, TakeOvers = 1, Disconnects = 2 }, 4_000),
        ["something foreign comes"] = (new() { IsUnderWay = true, Workers = 1, Strays = 1 }, 600),
        ["a frame is damaged"] = (new() { IsUnderWay = true, Steps = 1, Damages = 1 }, 1_200),
        ["two channels, and a message comes twice"] = (new() { IsUnderWay = true, GradientBlocks = 1, Duplicates = 1 }, 1_000),
    };

    public static TheoryData<string> Names => [.. Small.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void In_every_interleaving_each_step_closes_once_and_the_run_ends(string name)
    {
        (ModelScenario scenario, int atLeast) = Small[name];
        Explored explored = Exploration.All(scenario);
        output.WriteLine($"{explored.States} states, {explored.Steps} events, {explored.Ends} ends");
        Assert.True(explored.Violation is null, explored.Violation);
        Assert.InRange(explored.States, atLeast, int.MaxValue);
    }

    private static readonly Gen<ModelScenario> Any =
        from workers in Gen.Int[1, 4]
        from shards in Gen.Int[0, 3].Select(power => 1 << power)
        from steps in Gen.Int[1, 5]
        from blocks in Gen.Int[0, 2]
        from evaluations in Gen.Int[0, 1]
        from every in Gen.Int[1, 3]
        from often in Gen.Int[0, 4].Array[10]
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
            LateViews = often[9],
            Restarts = true,
            Halves = true,
        };

    private static readonly Gen<(ModelScenario Scenario, (bool Trouble, int Choice)[] Picks)> History =
        from scenario in Any
        from picks in Gen.Select(Gen.Frequency((6, Gen.Const(false)), (1, Gen.Const(true))), Gen.Int[0, 10_000]).Array[0, 200]
        select (scenario, picks);

    [Fact]
    public void In_long_histories_of_any_trouble_each_step_closes_once_and_the_run_ends() => History.Sample(
        history =>
        {
            string? violation = Exploration.One(history.Scenario, ModelCluster.TrainingOf(history.Scenario), history.Picks);
            Assert.True(violation is null, violation);
        },
        iter: 3_000);
}
