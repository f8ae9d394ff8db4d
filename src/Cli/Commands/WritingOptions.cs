using System.CommandLine;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;

namespace Lockstep.Cli.Commands;

/// <summary>The options of commands that let a model write.</summary>
internal sealed class WritingOptions
{
    private readonly Option<double> _temperature;

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "What is drawn follows from it: the same seed, the same words.",
        HelpName = "S",
        DefaultValueFactory = _ => 1UL,
    };

    /// <param name="temperature">The temperature where none is given.</param>
    public WritingOptions(string temperature)
    {
        _temperature = new("--temperature")
        {
            Description = $"0 takes the likeliest token; above it tokens are drawn, the wilder the higher. Default: {temperature}.",
            HelpName = "T",
        };
    }

    public IEnumerable<Option> All => [_temperature, _seed];

    /// <param name="parsed">The command line.</param>
    /// <param name="temperature">The temperature where none is given.</param>
    /// <exception cref="InputException">The temperature is below 0 or no number.</exception>
    public Choice Read(ParseResult parsed, double temperature)
    {
        if (parsed.GetResult(_temperature) is not null)
            temperature = parsed.GetValue(_temperature);
        if (!(temperature >= 0) || !double.IsFinite(temperature))
            throw new InputException($"--temperature takes a number from 0 up, not {temperature.ToString(System.Globalization.CultureInfo.InvariantCulture)}.");
        return new Choice(temperature, parsed.GetValue(_seed));
    }
}
