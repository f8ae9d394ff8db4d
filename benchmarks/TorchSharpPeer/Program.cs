using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lockstep.TorchSharpPeer.NativeLibraries;
using Lockstep.TorchSharpPeer.Training;
using static TorchSharp.torch;

const string Usage = """
    torchsharp-peer prepare                                  make TorchSharp's library load on systems with libstdc++ of GCC 12
    torchsharp-peer step FILE [--threads N] [--steps N]      train on the work in FILE, print one line of JSON
    """;
const int KeptLosses = 20;
const int WarmUpSteps = 50;
const double WarmUpMilliseconds = 1500;
string libraries = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

try
{
    switch (args)
    {
        case ["prepare"]:
            Console.WriteLine(VersionRequirement.Relax(Path.Combine(libraries, "libLibTorchSharp.so")));
            return 0;
        case ["step", var file, .. var options] when options.Length % 2 == 0:
            LoadLibraries(libraries);
            Step(file, Number(options, "--threads", 1), Number(options, "--steps", 300));
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (DllNotFoundException fault)
{
    Console.Error.WriteLine($"{fault.Message}\nWhere this names GLIBCXX_3.4.32, run: torchsharp-peer prepare");
    return 1;
}

// TorchSharp hides why a library does not load, and then copies all of them to a second place: better to ask the loader first.
static void LoadLibraries(string folder)
{
    if (!Directory.Exists(folder) || !OperatingSystem.IsLinux())
        return;
    NativeLibrary.Load(Path.Combine(folder, "libtorch_cpu.so"));
    NativeLibrary.Load(Path.Combine(folder, "libLibTorchSharp.so"));
}

static int Number(string[] options, string name, int otherwise)
{
    int at = Array.IndexOf(options, name);
    return at < 0 ? otherwise : int.Parse(options[at + 1], CultureInfo.InvariantCulture);
}

static void Step(string file, int threads, int steps)
{
    set_num_threads(threads);
    var loop = new TrainingLoop(SharedWork.Read(file));
    var losses = new List<double>();
    var milliseconds = new List<double>();
    double warm = 0;
    for (int step = 0; milliseconds.Count < steps; step++)
    {
        (double loss, double time) = loop.Step();
        if (losses.Count < KeptLosses)
            losses.Add(loss);
        // As long as the other party: at least so many steps, and at least so much time.
        if (step >= WarmUpSteps && warm >= WarmUpMilliseconds)
            milliseconds.Add(time);
        else
            warm += time;
    }
    Console.WriteLine(JsonSerializer.Serialize(new { party = "TorchSharp 0.107.0", threads, losses, milliseconds }));
}
