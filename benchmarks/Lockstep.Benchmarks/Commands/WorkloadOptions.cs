using System.CommandLine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Commands;

/// <summary>What the commands that compare take: which workloads, how often, how long.</summary>
internal sealed class WorkloadOptions
{
    private readonly Option<string> _workloads = new("--workloads")
    {
        Description = $"Names with commas between them: {string.Join(',', BenchmarkJob.All.Select(job => job.Name))}.",
        DefaultValueFactory = _ => string.Join(',', BenchmarkJob.All.Select(job => job.Name)),
    };

    private readonly Option<int> _rounds = CountOption.One("--rounds", "How often each party has its turn.", 2);
    private readonly Option<int> _steps = CountOption.One("--steps", "Measured steps of each turn, at least.", 5);

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Seconds of measured steps of each turn, at least.",
        DefaultValueFactory = _ => 1.5,
    };

    private readonly Option<bool> _small = new("--small")
    {
        Description = "Small models and little data: to see that it works, not how fast.",
    };

    private readonly Option<double> _warmUp;
    private readonly int _warmUpSteps;

    /// <param name="warmUpSeconds">What a turn warms up for at least unless told otherwise: where several processes share few cores their compilers are at work for longer.</param>
    /// <param name="warmUpSteps">And for how many steps: the runtime compiles a method for good after thirty calls, and some are called once a step.</param>
    public WorkloadOptions(double warmUpSeconds = 1.5, int warmUpSteps = 2)
    {
        _warmUpSteps = warmUpSteps;
        _warmUp = new Option<double>("--warm-up")
        {
            Description = $"Seconds of steps before those that are measured, at least, of every party; {warmUpSteps} steps in any case.",
            DefaultValueFactory = _ => warmUpSeconds,
        };
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_workloads, _rounds, _warmUp, _steps, _seconds, _small];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>What they say.</summary>
    /// <exception cref="InvalidOperationException">There is no such workload.</exception>
    public WorkloadRequest Request(ParseResult parsed) => new(
        BenchmarkJob.Named(parsed.GetValue(_workloads)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        parsed.GetValue(_rounds),
        new Turn { WarmUpSteps = _warmUpSteps, WarmUpSeconds = parsed.GetValue(_warmUp), Steps = parsed.GetValue(_steps), Seconds = parsed.GetValue(_seconds) },
        parsed.GetValue(_small));
}

/// <summary>What is to be compared.</summary>
/// <param name="Jobs">The workloads.</param>
/// <param name="Rounds">How often each party has its turn.</param>
/// <param name="Turn">How long each.</param>
/// <param name="Small">Whether models and data are small.</param>
internal sealed record WorkloadRequest(IReadOnlyList<BenchmarkJob> Jobs, int Rounds, Turn Turn, bool Small)
{
    /// <summary>A few steps of small models.</summary>
    public static WorkloadRequest Smoke(params string[] names) =>
        new(BenchmarkJob.Named(names), 1, new Turn { WarmUpSteps = 1, WarmUpSeconds = 0, Steps = 4, Seconds = 0 }, Small: true);

    /// <summary>What <c>--set</c> takes for a workload.</summary>
    public IReadOnlyList<string> Settings(BenchmarkJob job) => Small ? job.Small : [];
}
