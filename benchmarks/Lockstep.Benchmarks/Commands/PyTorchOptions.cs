using System.CommandLine;
using Lockstep.Benchmarks.Comparison;

namespace Lockstep.Benchmarks.Commands;

/// <summary>Where PyTorch is.</summary>
internal sealed class PyTorchOptions
{
    private readonly Option<string> _python = new("--python")
    {
        Description = "A Python that can import torch; without one its side is left out.",
        DefaultValueFactory = _ => "python3",
    };

    private readonly Option<string> _scripts = new("--scripts")
    {
        Description = "The folder of its side's scripts.",
        DefaultValueFactory = _ => "benchmarks/PyTorchPeer",
    };

    public void AddTo(Command command)
    {
        command.Add(_python);
        command.Add(_scripts);
    }

    /// <summary>Null where there is none, which is printed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="multiplies">Whether it is to multiply matrices.</param>
    public PyTorch? Find(ParseResult parsed, bool multiplies) => PyTorch.Find(parsed.GetValue(_python)!, parsed.GetValue(_scripts)!, multiplies);
}
