using Lockstep.Chaos.Faults;
using Lockstep.Engine.Randomness;

namespace Lockstep.Chaos.Schedules;

/// <summary>What a schedule must know of the job.</summary>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Layers">Layers of the network.</param>
/// <param name="Shards">Leaves of a step.</param>
public sealed record JobMeasure(long Steps, int Layers, int Shards);

/// <summary>
/// Draws schedules: a pure function of the seed, the run and what is possible. Each number is drawn for its place, (run,
/// attempt, which number), so that a run's schedule does not depend on the runs before it.
/// </summary>
public sealed class ScheduleDraw
{
    private const int FewestFaults = 4;
    private const int FaultsAbove = 5;
    private const int ShareWithSharedMemory = 4;
    private const int ShareWithStandby = 4;

    private readonly ulong _seed;
    private readonly IReadOnlyList<FaultKind> _kinds;
    private readonly JobMeasure _job;
    private readonly int _workers;

    /// <param name="seed">The campaign's seed.</param>
    /// <param name="kinds">The kinds that are possible.</param>
    /// <param name="job">The job.</param>
    /// <param name="workers">Workers that a run begins with.</param>
    public ScheduleDraw(ulong seed, IReadOnlyList<FaultKind> kinds, JobMeasure job, int workers)
    {
        if (kinds.Count == 0)
            throw new ArgumentException("There is no kind of fault to draw from.", nameof(kinds));
        ArgumentOutOfRangeException.ThrowIfLessThan(job.Steps, 1);
        (_seed, _kinds, _job, _workers) = (seed, kinds, job, workers);
    }

    /// <summary>The schedule of a run.</summary>
    /// <param name="run">Which run, from 1.</param>
    /// <param name="attempt">0, then 1, 2, …: each time the faults strike earlier in the run.</param>
    public Schedule Draw(int run, int attempt)
    {
        var dice = new Dice(new CounterRandom(_seed, RandomPurpose.Chaos), (ulong)run, (uint)attempt);
        bool stands = _kinds.Contains(FaultKind.Takeover) && (_kinds.Count == 1 || dice.Below(ShareWithStandby) == 0);
        FaultKind[] possible = [.. _kinds.Where(kind => stands ? FaultCatalogue.GoesWithStandby(kind) : kind != FaultKind.Takeover)];
        FaultKind[] apart = [.. possible.Where(kind => !FaultCatalogue.IsOfLink(kind))];
        bool sharesMemory = apart.Length > 0 && ((apart.Length == possible.Length && !stands) || dice.Below(ShareWithSharedMemory) == 0);
        IReadOnlyList<FaultKind> kinds = sharesMemory ? apart : possible;
        int count = FewestFaults + dice.Below(FaultsAbove);
        long[] steps = [.. Enumerable.Range(0, count).Select(_ => StepOf(dice, attempt)).Order()];
        var faults = new List<PlannedFault>(count);
        foreach (long step in steps)
            faults.Add(Fault(Kind(kinds, faults, dice), step, dice));
        if (stands && !faults.Exists(fault => fault.Kind == FaultKind.Takeover))
            faults[count / 2] = new PlannedFault(FaultKind.Takeover, steps[count / 2]);
        return new Schedule(_seed, run, attempt, _workers, sharesMemory ? Exchange.SharedMemory : Exchange.Tcp, faults);
    }

    // The run needs time to end in which the last fault is felt.
    private long StepOf(Dice dice, int attempt)
    {
        long from = Math.Min(_job.Steps - 1, Math.Max(1, _job.Steps / 20));
        long to = Math.Max(from + 1, _job.Steps * 17 / 20 / (1 + attempt));
        return from + dice.Below((int)Math.Min(int.MaxValue, to - from));
    }

    // A job whose leaves throw on two workers is at fault itself, so one worker may throw in a run; a NaN ends a run once.
    private static FaultKind Kind(IReadOnlyList<FaultKind> kinds, List<PlannedFault> before, Dice dice)
    {
        FaultKind[] open = [.. kinds.Where(kind => !FaultCatalogue.IsInjected(kind) || before.All(fault => fault.Kind != kind))];
        return open.Length == 0 ? FaultKind.Kill : open[dice.Below(open.Length)];
    }

    private PlannedFault Fault(FaultKind kind, long step, Dice dice)
    {
        int target = dice.Below(_workers);
        var fault = new PlannedFault(kind, step);
        return kind switch
        {
            FaultKind.Kill => fault with { Target = target },
            FaultKind.Pause => fault with { Target = target, Milliseconds = ShortOrLong(dice) },
            FaultKind.Slow => fault with { Target = target, Milliseconds = dice.Between(1_000, 5_000), Amount = dice.Between(10, 60) },
            FaultKind.Throw or FaultKind.NonFinite => fault with { Target = target, Layer = dice.Below(_job.Layers), Leaf = dice.Below(_job.Shards) },
            FaultKind.CoordinatorKill => fault with { Milliseconds = dice.Between(0, 2_000) },
            FaultKind.Cut or FaultKind.Duplicate => fault with { Target = target, Direction = OneWay(dice), Amount = Bytes(dice) },
            FaultKind.Delay => fault with { Target = target, Direction = AnyWay(dice), Milliseconds = dice.Between(500, 4_000), Amount = dice.Between(2, 80) },
            FaultKind.Throttle => fault with { Target = target, Direction = AnyWay(dice), Milliseconds = dice.Between(500, 4_000), Amount = 1_000 << dice.Between(5, 12) },
            FaultKind.Flip => fault with { Target = target, Direction = OneWay(dice), Amount = Bytes(dice), Bit = dice.Below(8) },
            FaultKind.Partition => fault with { Target = target, Direction = AnyWay(dice), Milliseconds = ShortOrLong(dice) },
            FaultKind.FullDisk => fault with { Milliseconds = dice.Between(500, 3_000) },
            FaultKind.CheckpointDamage => fault with { Milliseconds = dice.Between(0, 1_000), Amount = Bytes(dice), Bit = dice.Below(9) - 1 },
            FaultKind.Clock => fault with { Amount = ClockJump(dice) },
            _ => fault,
        };
    }

    // A worker is given up after three seconds of silence: half of the pauses end before, half after.
    private static int ShortOrLong(Dice dice) => dice.Below(2) == 0 ? dice.Between(100, 2_000) : dice.Between(3_200, 5_500);

    private static LinkDirection OneWay(Dice dice) => (LinkDirection)dice.Below(2);

    private static LinkDirection AnyWay(Dice dice) => (LinkDirection)dice.Below(3);

    // As often a few bytes as many: heads of frames as well as the middle of a gradient.
    private static int Bytes(Dice dice) => dice.Below(1 << dice.Between(4, 18));

    private static int ClockJump(Dice dice) => (dice.Below(2) == 0 ? -1 : 1) * dice.Between(1, 60 << dice.Between(0, 19));

    private sealed class Dice(CounterRandom random, ulong run, uint attempt)
    {
        private uint _drawn;

        public int Below(int bound) => (int)random.Below((uint)bound, run, attempt, _drawn++);

        public int Between(int least, int most) => least + Below(most - least + 1);
    }
}
