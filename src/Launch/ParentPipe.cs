namespace Lockstep.Launch;

/// <summary>The worker's end of the pipe that its launcher holds open: where it closes, the launcher has gone.</summary>
/// <remarks>
/// A pipe is closed by the system however the launcher ends, by SIGKILL too, so that no worker is left behind; asking for the
/// parent's process id would need polling, and ids are used again.
/// </remarks>
public static class ParentPipe
{
    /// <summary>Reads the pipe on a thread of its own until it closes.</summary>
    /// <param name="pipe">The standard input of a launched worker.</param>
    /// <param name="closed">Called once, on that thread, after the end.</param>
    public static Thread Watch(Stream pipe, Action closed)
    {
        var thread = new Thread(() =>
        {
            Drain(pipe);
            closed();
        })
        {
            IsBackground = true,
            Name = "parent pipe",
        };
        thread.Start();
        return thread;
    }

    private static void Drain(Stream pipe)
    {
        byte[] buffer = new byte[64];
        try
        {
            while (pipe.Read(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A pipe that cannot be read any more has no writer to wait for: the same as its end.
        }
    }
}
