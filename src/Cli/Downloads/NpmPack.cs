using System.ComponentModel;
using System.Diagnostics;

namespace Lockstep.Cli.Downloads;

/// <summary>Fetches a package's archive with npm, from whatever registry npm is set up for. Nothing in it is installed or run.</summary>
internal sealed class NpmPack(string npm, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>npm's full path, or null where it is not on the PATH.</summary>
    public static string? Find(string? searchPath)
    {
        string program = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        return (searchPath ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Puts the package's .tgz into a folder.</summary>
    /// <returns>Where it is.</returns>
    /// <exception cref="SourceException">npm failed.</exception>
    public async Task<string> FetchAsync(NpmPackage package, string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(npm)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["pack", $"{package.Package}@{package.Version}", "--ignore-scripts", "--loglevel=error"])
            start.ArgumentList.Add(argument);

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception fault)
        {
            throw new SourceException($"npm cannot be started: {fault.Message}", fault);
        }
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(either.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new SourceException($"npm ended with {process.ExitCode}: {FirstLine(await errors.ConfigureAwait(false))}");
        }
        catch (OperationCanceledException fault)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new SourceException($"npm took longer than {Patience.TotalMinutes} minutes", fault);
        }
        string[] archives = Directory.GetFiles(folder, "*.tgz");
        return archives.Length == 1 ? archives[0] : throw new SourceException($"npm left {archives.Length} archives");
    }

    private static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "it said nothing";
}
