using Lockstep.Cli.Commands;
using Lockstep.Cli.Runs;
using Lockstep.Launch;

var services = new CommandServices
{
    Output = Console.Out,
    Error = Console.Error,
    Interactive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or ""),
    Environment = Environment.GetEnvironmentVariable,
    Time = TimeProvider.System,
    Host = new ClusterHost(),
    Processes = new SystemProcessStarter(),
    Program = ThisProgram.Find,
};
return await new LockstepCommandLine(services).RunAsync(args);
