using System.CommandLine;
using Lockstep.Cli.Exits;
using Lockstep.Jobs.Describing;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep schema</c>: the JSON Schema of job files.</summary>
internal sealed class SchemaCommand : ICommandDefinition
{
    private readonly Option<string> _output = new("--output")
    {
        Description = "Write it into this file instead of the standard output. An existing file is replaced.",
        HelpName = "FILE",
    };

    public string[] Examples =>
    [
        "lockstep schema --output job.schema.json",
        "then, as the first line of a job file: # yaml-language-server: $schema=job.schema.json",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("schema", "Print the JSON Schema of job files, with which editors complete and check them.") { _output };
        command.SetAction(parsed => Write(parsed, services));
        return command;
    }

    private int Write(ParseResult parsed, CommandServices services)
    {
        string schema = JobSchema.Generate();
        if (parsed.GetValue(_output) is { } file)
        {
            File.WriteAllText(file, schema);
            services.Output.WriteLine($"schema {file}");
        }
        else
        {
            services.Output.Write(schema);
            if (!schema.EndsWith('\n'))
                services.Output.WriteLine();
        }

        return ExitCode.Ok;
    }
}
