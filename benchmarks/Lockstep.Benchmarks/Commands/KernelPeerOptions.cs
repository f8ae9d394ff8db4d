using System.CommandLine;

namespace Lockstep.Benchmarks.Commands;

/// <summary>The options of a command that measures single kernels beside a peer's.</summary>
internal sealed class KernelPeerOptions
{
    private readonly Option<string> _peer = new("--peer")
    {
        Description = $"The built TorchSharp peer; benchmarks/README.md says how to get it. '{CompareCommand.NoPeer}': nobody beside.",
        DefaultValueFactory = _ => CompareCommand.NoPeer,
    };

    private readonly Option<int> _rounds = CountOption.One("--rounds", "How often the parties take turns.", 3);

    /// <param name="command">The command.</param>
    /// <param name="measure">Measures, given the peer's file or null, and how many rounds.</param>
    public Command AddTo(Command command, Action<ParseResult, string?, int> measure)
    {
        command.Add(_peer);
        command.Add(_rounds);
        command.SetAction(parsed =>
        {
            string named = parsed.GetValue(_peer)!;
            if (named != CompareCommand.NoPeer && !File.Exists(named))
            {
                Console.Error.WriteLine($"There is no peer at {Path.GetFullPath(named)}. Build it: dotnet build -c Release benchmarks/TorchSharpPeer");
                return 2;
            }
            measure(parsed, named == CompareCommand.NoPeer ? null : Path.GetFullPath(named), parsed.GetValue(_rounds));
            return 0;
        });
        return command;
    }
}
