using System.Diagnostics;

namespace Lockstep.Benchmarks.Machine;

/// <summary>A program that is run to its end, with what it printed.</summary>
internal static class ProcessRun
{
    /// <summary>On a busy machine a step of AlexNet takes many seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a program.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="program">An executable on the path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed, or took too long; the message has what it printed.</exception>
    public static string Output(string name, string program, IReadOnlyList<string> arguments)
    {
        using var process = RunningProcess.Start(name, program, arguments);
        process.Wait(Patience);
        return process.Output;
    }

    /// <summary>Whether a program is there and ends with exit code 0.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null)
                return false;
            Task.WaitAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
