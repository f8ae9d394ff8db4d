using System.Runtime.InteropServices;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Kernels;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.TorchSharpPeer.Kernels;
using Lockstep.TorchSharpPeer.NativeLibraries;
using Lockstep.TorchSharpPeer.Training;
using static TorchSharp.torch;

const string Usage = """
    torchsharp-peer prepare                        make TorchSharp's library load on systems with libstdc++ of GCC 12
    torchsharp-peer turn WORKLOAD FILE [TURN]      train on the work in FILE, print one line of JSON; TURN such as {"threads":2,"steps":10}
    torchsharp-peer kernels WORK                   time single kernels, print one line of JSON; WORK such as {"length":65536,"functions":["exp"]}
    """;
string libraries = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

try
{
    switch (args)
    {
        case ["prepare"]:
            Console.WriteLine(VersionRequirement.Relax(Path.Combine(libraries, "libLibTorchSharp.so")));
            return 0;
        case ["turn", var workload, var file, .. var rest] when rest.Length <= 1:
            LoadLibraries(libraries);
            Console.WriteLine(Measure(Workload.Named(workload), file, Turn.FromJson(rest.Length == 0 ? "{}" : rest[0])).ToJson());
            return 0;
        case ["kernels", var work]:
            LoadLibraries(libraries);
            Console.WriteLine(KernelWork.Answer(KernelTimes.Measure(KernelWork.FromJson(work))));
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

static PartyResult Measure(Workload workload, string file, Turn turn)
{
    set_num_threads(turn.Threads);
    var loop = new TrainingLoop(workload, SharedWork.Read(file));
    List<double> check = loop.Check(turn.CheckSteps);
    var losses = new List<double>();
    List<double> milliseconds = loop.Measure(turn.Repetition(), losses);
    return new PartyResult("TorchSharp 0.107.0", turn.Threads, turn.CheckSteps > 0 ? check : losses, milliseconds, PeakMemory.OfThisProcess());
}
