using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Tests.Runs;

public sealed class MlpCampaignTests : CampaignTests
{
    [SkippableFact]
    public Task An_mlp_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.Mlp,
        [
            new(FaultKind.Kill, 150) { Target = 1 },
            new(FaultKind.Cut, 300) { Target = 0, Direction = LinkDirection.ToCoordinator, Amount = 777 },
            new(FaultKind.CoordinatorKill, 420) { Milliseconds = 10 },
            new(FaultKind.Flip, 700) { Target = 1, Direction = LinkDirection.ToWorker, Amount = 4_000, Bit = 3 },
            new(FaultKind.Duplicate, 800) { Target = 0, Direction = LinkDirection.ToCoordinator, Amount = 90 },
        ],
        [
            new(FaultKind.Join, 50),
            new(FaultKind.FullDisk, 200) { Milliseconds = 500 },
            new(FaultKind.Pause, 400) { Target = 1, Milliseconds = 600 },
            new(FaultKind.Kill, 600) { Target = 0 },
        ]);
}

public sealed class LeNetCampaignTests : CampaignTests
{
    [SkippableFact]
    public Task A_convolutional_net_with_dropout_and_crops_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.LeNet,
        [
            new(FaultKind.Partition, 60) { Target = 0, Direction = LinkDirection.Both, Milliseconds = 400 },
            new(FaultKind.Throttle, 120) { Target = 1, Direction = LinkDirection.ToWorker, Milliseconds = 300, Amount = 100_000 },
            new(FaultKind.Throw, 200) { Target = 1, Layer = 4, Leaf = 2 },
            new(FaultKind.Delay, 300) { Target = 0, Direction = LinkDirection.ToCoordinator, Milliseconds = 300, Amount = 20 },
            new(FaultKind.Clock, 350) { Amount = -86_400 },
        ],
        [
            new(FaultKind.Slow, 80) { Target = 0, Milliseconds = 500, Amount = 30 },
            new(FaultKind.CheckpointDamage, 250) { Milliseconds = 10, Amount = 1_500, Bit = 2 },
            new(FaultKind.Kill, 400) { Target = 1 },
        ]);
}

public sealed class LstmCampaignTests : CampaignTests
{
    [SkippableFact]
    public Task A_recurrent_net_that_carries_its_state_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.Lstm,
        [
            new(FaultKind.NonFinite, 100) { Target = 1, Layer = 1, Leaf = 3 },
            new(FaultKind.Pause, 250) { Target = 0, Milliseconds = 300 },
            new(FaultKind.Kill, 350) { Target = 0 },
        ],
        [
            new(FaultKind.Kill, 100) { Target = 0 },
            new(FaultKind.Kill, 100) { Target = 1 },
            new(FaultKind.Join, 150),
            new(FaultKind.Takeover, 300),
        ]);
}
