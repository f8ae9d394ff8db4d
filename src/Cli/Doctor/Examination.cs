using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Cli.Doctor;

/// <summary>Looks at this machine and this build: what a bug report needs, and what would keep a run from working.</summary>
public sealed class Examination
{
    private const long LittleSpace = 1L << 30;
    private static readonly DateTimeOffset EarliestCredibleTime = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeProvider _time;

    public Examination(TimeProvider time) => _time = time;

    /// <summary>Where checkpoints would go.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The value of LOCKSTEP_DATA; null where it is not set.</summary>
    public string? DataRoot { get; init; }

    /// <summary>All findings, in a fixed order.</summary>
    public IEnumerable<Finding> Findings()
    {
        yield return new Finding("version", Health.Ok, Product.Version);
        yield return new Finding("build", Health.Ok, BuildFingerprint.Current);
        yield return new Finding("runtime", Health.Ok, $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        yield return new Finding("system", Health.Ok, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        yield return Cores();
        yield return VectorWidth(
            Vector512.IsHardwareAccelerated, Vector256.IsHardwareAccelerated, Vector128.IsHardwareAccelerated);
        yield return Denormals();
        yield return Memory();
        yield return Loopback();
        yield return Clock();
        yield return Disk();
        yield return Data();
        yield return Packages();
    }

    /// <summary>The width that the engine computes with, and what it was chosen from. It changes speed, and no bit of a result.</summary>
    public static Finding VectorWidth(bool has512, bool has256, bool has128)
    {
        string widths = string.Join(", ", new[] { (has512, "512"), (has256, "256"), (has128, "128") }.Where(w => w.Item1).Select(w => w.Item2));
        if (widths.Length == 0)
        {
            return new Finding("vectors", Health.Warning, "none: the engine computes with scalars",
                "Training is about 100 times slower. Unset DOTNET_EnableHWIntrinsic, or use a processor with vector instructions.");
        }

        string chosen = has512 ? "512" : has256 ? "256" : "128";
        return new Finding("vectors", Health.Ok, $"{chosen} bits (accelerated here: {widths})");
    }

    private static Finding Cores() => new(
        "cores", Health.Ok, Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture) + " for this process");

    private static Finding Denormals()
    {
        // Bits through volatile reads: a constant would be computed by the compiler, and not by this thread's arithmetic.
        float smallest = Volatile.Read(ref Probe.SmallestNormal);
        float half = smallest * Volatile.Read(ref Probe.Half);
        bool kept = BitConverter.SingleToInt32Bits(half) != 0 && BitConverter.SingleToInt32Bits(half + half) == BitConverter.SingleToInt32Bits(smallest);
        return kept
            ? new Finding("denormals", Health.Ok, "kept")
            : new Finding("denormals", Health.Failure, "flushed to zero",
                "Results would differ from other machines. Find what sets the flush-to-zero mode of this process (a preloaded library?).");
    }

    private static Finding Memory()
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new Finding("memory", Health.Ok, Size(available) + " for this process");
    }

    private static Finding Loopback()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return new Finding("loopback", Health.Ok, string.Create(CultureInfo.InvariantCulture, $"free ports are given and reached (127.0.0.1:{port})"));
        }
        catch (SocketException e)
        {
            return new Finding("loopback", Health.Failure, e.Message,
                "Coordinator and workers talk over 127.0.0.1. Allow this program to listen there.");
        }
    }

    private Finding Clock()
    {
        DateTimeOffset now = _time.GetUtcNow();
        string found = string.Create(
            CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss}Z, {_time.TimestampFrequency / 1e6:0.###} ticks a microsecond");
        return now < EarliestCredibleTime
            ? new Finding("clock", Health.Warning, found, "The date is wrong; results do not depend on it, but names of runs do. Set the clock.")
            : new Finding("clock", Health.Ok, found);
    }

    private Finding Disk()
    {
        string folder = Path.GetFullPath(OutputDirectory);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;
        try
        {
            long free = new DriveInfo(folder).AvailableFreeSpace;
            string found = $"{Size(free)} free under {folder}";
            return free < LittleSpace
                ? new Finding("disk", Health.Warning, found, "Checkpoints may not fit. Free some space, or use --output DIR.")
                : new Finding("disk", Health.Ok, found);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding("disk", Health.Warning, $"unknown for {folder}: {e.Message}", "Check that the folder can be written to.");
        }
    }

    private Finding Data()
    {
        if (string.IsNullOrEmpty(DataRoot))
            return new Finding("data", Health.Ok, "LOCKSTEP_DATA is not set; `digits` is built in");
        if (!Directory.Exists(DataRoot))
        {
            return new Finding("data", Health.Warning, $"LOCKSTEP_DATA is {DataRoot}, which is no folder",
                "Make it, or point the variable elsewhere.");
        }

        string[] entries = [.. Directory.EnumerateFileSystemEntries(DataRoot).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal).Take(20)];
        return new Finding("data", Health.Ok, $"{DataRoot}: {(entries.Length == 0 ? "empty" : string.Join(", ", entries))}");
    }

    private static Finding Packages()
    {
        string[] names = ["Akka", "Akka.Cluster", "MessagePack", "Serilog", "Spectre.Console", "System.CommandLine", "YamlDotNet"];
        return new Finding("packages", Health.Ok, string.Join(", ", names.Select(VersionOf)));
    }

    private static string VersionOf(string assembly)
    {
        try
        {
            return $"{assembly} {Product.VersionOf(Assembly.Load(assembly))}";
        }
        catch (FileNotFoundException)
        {
            return $"{assembly} missing";
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");

    private static class Probe
    {
        public static float SmallestNormal = BitConverter.Int32BitsToSingle(0x0080_0000);
        public static float Half = 0.5f;
    }
}
