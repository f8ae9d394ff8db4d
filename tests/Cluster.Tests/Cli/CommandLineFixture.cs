using Lockstep.Cli.Commands;
using Lockstep.Cluster.Tests.Launch;
using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>The command line in a folder of its own, with imitated processes and nodes.</summary>
internal sealed class CommandLineFixture : IDisposable
{
    public const string Token = "aaaaaaaa-bbbbbbbb-cccccccc-22222222";

    private const string Digits = """
        name: digits
        data: { dataset: digits }
        model:
          - flatten
          - dense: { units: 10 }
        training:
          loss: softmaxCrossEntropy
          epochs: 1
          batch: 64
          optimizer: { sgd: { learningRate: 0.1 } }
        """;

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public CommandLineFixture()
    {
        Folder = Directory.CreateTempSubdirectory("lockstep-cli-").FullName;
        JobFile = Write("digits.yaml", Digits);
    }

    public string Folder { get; }

    public string JobFile { get; }

    public string Runs => Path.Combine(Folder, "runs");

    public ScriptedHost Host { get; } = new();

    public ImitatedProcesses Processes { get; } = new() { Obedient = true };

    public Dictionary<string, string> Variables { get; } = [];

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public CommandServices Services => new()
    {
        Output = TextWriter.Synchronized(_output),
        Error = TextWriter.Synchronized(_error),
        Interactive = false,
        Environment = name => Variables.GetValueOrDefault(name),
        Time = TimeProvider.System,
        Host = Host,
        Processes = Processes,
        Program = () => new ThisProgram("/opt/lockstep", []),
        TakesSignals = false,
        Cores = 8,
    };

    public Task<int> RunAsync(params string[] arguments) => new LockstepCommandLine(Services).RunAsync(arguments);

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A run directory with its job and, if asked for, a checkpoint.</summary>
    public string MakeRun(string name, bool checkpoint = true)
    {
        Write(Path.Combine("runs", name, "job.yaml"), Digits);
        if (checkpoint)
            Directory.CreateDirectory(Path.Combine(Runs, name, "checkpoints", "step-00000010"));
        return Path.Combine(Runs, name);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
