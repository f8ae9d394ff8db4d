using System.CommandLine;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Commands;

/// <summary><c>turn</c>: what the comparisons start as Lockstep's side. Prints a line of JSON.</summary>
internal static class TurnCommand
{
    public static Command Create()
    {
        var job = new Argument<string>("job") { Description = "A job file; plain SGD without momentum." };
        var turn = new Argument<string>("turn") { Description = "What is asked for, in JSON: {\"threads\":2,\"steps\":10}.", DefaultValueFactory = _ => "{}" };
        var set = new Option<string[]>("--set") { Description = "Change a value of the job.", DefaultValueFactory = _ => [] };
        var command = new Command("turn", "Train one job in this process, and print losses, times and memory as a line of JSON.") { job, turn, set };
        command.SetAction(parsed =>
        {
            Console.WriteLine(OwnTurn.Measure(parsed.GetValue(job)!, parsed.GetValue(set)!, Turn.FromJson(parsed.GetValue(turn)!)).ToJson());
            return 0;
        });
        return command;
    }
}
