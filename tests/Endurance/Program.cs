using System.Globalization;
using Lockstep.Endurance;

// What takes too long, or needs too much of a machine, for the test suite:
//   dotnet run -c Release --project tests/Endurance -- figures [--rounds 5]     how long recovery takes
//   dotnet run -c Release --project tests/Endurance -- partition [--seconds 60] five nodes in network namespaces, cut in two and healed (Linux, root)
//   dotnet run -c Release --project tests/Endurance -- soak [--minutes 30]      four workers under faults that never end
// Each writes Markdown and exits with 1 where something is not as it must be, with 2 where it cannot be had here.
const string Usage = "usage: figures [--rounds N] | partition [--seconds N] | soak [--minutes N]";
if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("This needs Linux: signals by their numbers, /proc and network namespaces.");
    return 2;
}
if (args is not ([_] or [_, _, _]))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
(string option, int number) = args[0] switch
{
    "figures" => ("--rounds", 5),
    "partition" => ("--seconds", 60),
    "soak" => ("--minutes", 30),
    _ => ("", 0),
};
if (option.Length == 0 || (args.Length == 3 && (args[1] != option || !int.TryParse(args[2], CultureInfo.InvariantCulture, out number) || number < 1)))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
try
{
    return args[0] switch
    {
        "figures" => await RecoveryFigures.PrintAsync(number, Console.Out),
        "partition" => await Partitions.RunAsync(TimeSpan.FromSeconds(number), Console.Out),
        _ => await Soak.RunAsync(TimeSpan.FromMinutes(number), Console.Out),
    };
}
catch (NetworkLabException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
