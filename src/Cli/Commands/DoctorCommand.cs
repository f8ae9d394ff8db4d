using System.CommandLine;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep doctor</c>: what a bug report needs.</summary>
internal sealed class DoctorCommand : ICommandDefinition
{
    private readonly Option<bool> _json = new("--json") { Description = "The findings as a JSON array." };
    private readonly Option<string> _output = SharedOptions.Output();

    public string[] Examples => ["lockstep doctor", "lockstep doctor --json > report.json"];

    public Command Create(CommandServices services)
    {
        var command = new Command("doctor", "Look at this machine and this build: put its output into bug reports. Exit code 1 where training cannot work.")
        {
            _json, _output,
        };
        command.SetAction(parsed => Examine(parsed, services));
        return command;
    }

    private int Examine(ParseResult parsed, CommandServices services)
    {
        var examination = new Examination(services.Time)
        {
            OutputDirectory = parsed.GetValue(_output)!,
            DataRoot = services.Environment("LOCKSTEP_DATA"),
        };
        Finding[] findings = [.. examination.Findings()];
        if (parsed.GetValue(_json))
        {
            services.Output.WriteLine(DoctorReport.ToJson(findings));
        }
        else
        {
            foreach (string line in DoctorReport.Text(findings))
                services.Output.WriteLine(line);
        }

        return findings.Any(finding => finding.Health == Health.Failure) ? ExitCode.FailedRun : ExitCode.Ok;
    }
}
