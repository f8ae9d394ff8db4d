using System.CommandLine;
using System.CommandLine.Parsing;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Runs;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary>What <c>train</c> and <c>coordinator</c> have in common: which job, from where on, and where its files go.</summary>
internal sealed class JobOptions
{
    private readonly Argument<string?> _job = new("JOB")
    {
        Description = "The job file. May be left out with --resume RUNDIR.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _output = SharedOptions.Output();
    private readonly Option<string> _resume = SharedOptions.Resume();
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<int> _steps = SharedOptions.Steps();
    private readonly Option<string> _weights = SharedOptions.Weights();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<bool> _plain = SharedOptions.Plain();

    /// <summary>Gives them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="needsNone">Whether it takes its job from elsewhere.</param>
    public void AddTo(Command command, Func<CommandResult, bool>? needsNone = null)
    {
        command.Add(_job);
        Option[] options = [_output, _resume, _set, _steps, _weights, _dataRoot, _plain];
        foreach (Option option in options)
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (needsNone?.Invoke(result) != true && result.GetResult(_job) is not { Tokens.Count: > 0 } && result.GetResult(_resume) is not { Tokens.Count: > 0 })
                result.AddError($"There is no job to train. Give a job file: lockstep {command.Name} JOB.yaml");
        });
    }

    /// <summary>Whether lines were asked for instead of the live screen.</summary>
    public bool Plain(ParseResult parsed) => parsed.GetValue(_plain);

    /// <summary>What was given of that which says what to train, and from where on; null where nothing was.</summary>
    public string? GivenTo(CommandResult result)
    {
        if (result.GetResult(_job) is { Tokens.Count: > 0 })
            return "JOB";
        Option[] options = [_resume, _set, _steps, _weights];
        return options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false })?.Name;
    }

    /// <summary>What they say, before any file is read.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="listen">Where the coordinator listens.</param>
    public RunRequest Request(ParseResult parsed, HostPort listen)
    {
        string? job = parsed.GetValue(_job);
        string? resumeFrom = parsed.GetValue(_resume);
        // "train --resume job.yaml": the parser gives the job to the option, whose value may be left out.
        if (job is null && resumeFrom is not null && File.Exists(resumeFrom))
            (job, resumeFrom) = (resumeFrom, null);
        return new RunRequest
        {
            JobFile = job,
            Overrides = new JobOverrides
            {
                Set = parsed.GetValue(_set)!,
                Steps = parsed.GetResult(_steps) is null ? null : parsed.GetValue(_steps),
                Weights = parsed.GetValue(_weights),
            },
            Output = parsed.GetValue(_output)!,
            Resume = parsed.GetResult(_resume) is { Implicit: false },
            ResumeFrom = resumeFrom,
            Listen = listen,
            DataRoot = parsed.GetValue(_dataRoot),
            Plain = parsed.GetValue(_plain),
        };
    }
}
