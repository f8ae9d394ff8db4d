using System.Text;
using CsCheck;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Tests.Schedules;

public sealed class ScheduleFileTests
{
    private const string Golden = """
        {
          "format": 1,
          "seed": 18446744073709551615,
          "run": 4,
          "attempt": 1,
          "workers": 2,
          "exchange": "tcp",
          "faults": [
            {
              "kind": "kill",
              "step": 10,
              "target": 1
            },
            {
              "kind": "partition",
              "step": 12,
              "target": 0,
              "milliseconds": 3500,
              "direction": "to-worker"
            },
            {
              "kind": "flip",
              "step": 12,
              "target": 0,
              "direction": "to-coordinator",
              "amount": 99,
              "bit": 7
            },
            {
              "kind": "throw",
              "step": 20,
              "target": 1,
              "layer": 2,
              "leaf": 3
            },
            {
              "kind": "checkpoint-damage",
              "step": 30,
              "milliseconds": 5,
              "amount": 6,
              "bit": -1
            },
            {
              "kind": "clock",
              "step": 31,
              "amount": -3600
            }
          ]
        }

        """;

    private static readonly Schedule Example = new(ulong.MaxValue, 4, 1, 2, Exchange.Tcp,
    [
        new(FaultKind.Kill, 10) { Target = 1 },
        new(FaultKind.Partition, 12) { Direction = LinkDirection.ToWorker, Milliseconds = 3_500 },
        new(FaultKind.Flip, 12) { Direction = LinkDirection.ToCoordinator, Amount = 99, Bit = 7 },
        new(FaultKind.Throw, 20) { Target = 1, Layer = 2, Leaf = 3 },
        new(FaultKind.CheckpointDamage, 30) { Milliseconds = 5, Amount = 6, Bit = -1 },
        new(FaultKind.Clock, 31) { Amount = -3_600 },
    ]);

    [Fact]
    public void It_is_written_so_and_in_no_other_way() => Assert.Equal(Golden, Encoding.UTF8.GetString(ScheduleFile.Write(Example)));

    [Fact]
    public void What_was_written_is_read_back() => Assert.Equal(Example, ScheduleFile.Read(Encoding.UTF8.GetBytes(Golden)));

    [Fact]
    public void A_takeover_beside_a_fault_that_wants_its_coordinator_to_be_resumed_is_refused()
    {
        var schedule = new Schedule(1, 1, 0, 2, Exchange.Tcp, [new(FaultKind.Takeover, 5), new(FaultKind.CoordinatorKill, 9) { Milliseconds = 10 }]);
        Assert.Contains("'coordinator-kill' does not go with a standby", Assert.Throws<ScheduleFormatException>(() => ScheduleFile.Read(ScheduleFile.Write(schedule))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "format 2")]
    [InlineData("\"workers\": 2", "\"workers\": 0", "'workers'")]
    [InlineData("\"workers\": 2", "\"workers\": 2.5", "'workers'")]
    [InlineData("\"exchange\": \"tcp\"", "\"exchange\": \"pigeons\"", "none of tcp, shared-memory")]
    [InlineData("\"exchange\": \"tcp\"", "\"exchange\": \"shared-memory\"", "'partition' is done to bytes")]
    [InlineData("\"kind\": \"kill\"", "\"kind\": \"kiss\"", "'kiss'")]
    [InlineData("\"kind\": \"kill\"", "\"kind\": 3", "'kind'")]
    [InlineData("\"step\": 10", "\"step\": -1", "'step'")]
    [InlineData("\"step\": 10", "\"step\": 13", "order of their steps")]
    [InlineData("\"target\": 1", "\"target\": 2", "'target'")]
    [InlineData("\"target\": 1", "\"target\": 1, \"command\": \"rm\"", "'command', which means nothing")]
    [InlineData("\"target\": 1", "\"target\": 1, \"target\": 1", "twice")]
    [InlineData("\"bit\": 7", "\"bit\": -1", "'bit'")]
    [InlineData("\"milliseconds\": 3500", "\"milliseconds\": 3600000", "'milliseconds'")]
    [InlineData("\"seed\": 18446744073709551615,", "", "'seed'")]
    [InlineData("}\n", "", "no JSON")]
    public void What_is_no_schedule_is_refused_by_name(string written, string instead, string says)
    {
        string text = Golden.Replace("\r", "", StringComparison.Ordinal);
        int at = text.IndexOf(written, StringComparison.Ordinal);
        byte[] changed = Encoding.UTF8.GetBytes(text[..at] + instead + text[(at + written.Length)..]);
        Assert.Contains(says, Assert.Throws<ScheduleFormatException>(() => ScheduleFile.Read(changed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_make_the_reader_fail_in_another_way() =>
        Gen.Select(Gen.Int[0, Golden.Length - 1], Gen.Byte, Gen.Int[0, 40]).Sample((at, value, cut) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Golden);
            bytes[at] = value;
            Accepts(bytes);
            Accepts(bytes[..Math.Max(0, at - cut)]);
            Accepts([.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + cut)..]]);
        }, iter: 3_000);

    [Fact]
    public void What_is_read_is_written_as_the_same_again() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 10_000], Gen.Int[0, 3], Gen.Int[1, 64], Gen.Long[1, 1_000_000], Gen.Int[1, 200]).Sample((seed, run, attempt, workers, steps, layers) =>
        {
            Schedule schedule = new ScheduleDraw(seed, FaultCatalogue.Kinds, new JobMeasure(steps, layers, 16), workers).Draw(run, attempt);
            byte[] written = ScheduleFile.Write(schedule);
            Assert.Equal(written, ScheduleFile.Write(ScheduleFile.Read(written)));
        }, iter: 300);

    private static void Accepts(byte[] bytes)
    {
        try
        {
            ScheduleFile.Read(bytes);
        }
        catch (ScheduleFormatException)
        {
            // Refused, as it should be.
        }
    }
}
