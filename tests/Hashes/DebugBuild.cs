using System.Diagnostics;
using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Hashes;

/// <summary>Builds the program without optimizations, into a folder of its own.</summary>
public sealed class DebugBuild : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-debug-").FullName;

    /// <summary>The build.</summary>
    public LockstepProgram Program => new(Path.Combine(_folder, "bin", "Lockstep.Cli", "debug"));

    /// <summary>Makes it.</summary>
    /// <param name="repository">The folder of the solution.</param>
    /// <exception cref="HarnessException">It does not build.</exception>
    public async Task MakeAsync(string repository)
    {
        // With an artifacts path of its own, the build shares no intermediate file with the one that runs here.
        var start = new ProcessStartInfo(LockstepProgram.Host) { UseShellExecute = false, RedirectStandardOutput = true };
        string[] arguments = ["build", Path.Combine(repository, "src", "Cli"), "-c", "Debug", "--artifacts-path", _folder, "-v", "quiet", "-nodeReuse:false"];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process build = Process.Start(start)!;
        Task<string> output = build.StandardOutput.ReadToEndAsync();
        try
        {
            await build.WaitForExitAsync().WaitAsync(Bound);
        }
        catch (TimeoutException e)
        {
            build.Kill(entireProcessTree: true);
            throw new HarnessException($"The Debug build has not ended within {Bound}.", e);
        }
        if (build.ExitCode != 0)
            throw new HarnessException($"The Debug build failed:\n{await output}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
