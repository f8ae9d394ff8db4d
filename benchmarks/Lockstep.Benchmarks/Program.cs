using System.CommandLine;
using Lockstep.Benchmarks.Commands;

var smoke = new Option<bool>("--smoke") { Description = "A few iterations of everything, to see that it works. Exit code 1 where it does not." };
var root = new RootCommand("Measures Lockstep. Build with -c Release, on a quiet machine; benchmarks/README.md says how to read the numbers.")
{
    smoke,
    StepCommand.Create(),
    ClusterCommand.Create(),
    CompareCommand.Create(),
    LeavesCommand.Create(),
    CompareClusterCommand.Create(),
    ScalingCommand.Create(),
    ExchangeCommand.Create(),
    KernelCommands.CreateProducts(),
    KernelCommands.CreateElementwise(),
    ConvolutionCommand.Create(),
    RecurrentCommand.Create(),
    TurnCommand.Create(),
};
root.SetAction(parsed => parsed.GetValue(smoke) ? SmokeTest.Run() : root.Parse("--help").Invoke());
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InvalidOperationException fault)
{
    // A process that was measured failed, or did other work than it should: the message says which and what it printed.
    Console.Error.WriteLine(fault.Message);
    return 1;
}
