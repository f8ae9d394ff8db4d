using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Lockstep.Launch;

/// <summary>Starts processes of the operating system.</summary>
public sealed class SystemProcessStarter : IProcessStarter
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <inheritdoc/>
    public IStartedProcess Start(ProcessRequest request)
    {
        var start = new ProcessStartInfo(request.File)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        foreach (string argument in request.Arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in request.Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            process.Dispose();
            throw new WorkerStartException($"The worker process {request.File} could not be started: {e.Message}", e);
        }

        return new Started(process);
    }

    private sealed class Started : IStartedProcess
    {
        private readonly Process _process;
        private readonly StreamWriter _input;

        public Started(Process process)
        {
            _process = process;
            _input = process.StandardInput;
            Id = process.Id;
            Output = process.StandardOutput;
            Error = process.StandardError;
            Ended = WaitAsync();
        }

        public int Id { get; }

        public TextReader Output { get; }

        public TextReader Error { get; }

        public Task<int> Ended { get; }

        public void CloseInput()
        {
            try
            {
                _input.Close();
            }
            catch (IOException)
            {
                // Nothing is ever written into the pipe: closing it can only fail where the reader has gone already.
            }
        }

        public void Kill()
        {
            try
            {
                _process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended by itself in between, which is what was wanted.
            }
        }

        public void Dispose()
        {
            CloseInput();
            _process.Dispose();
        }

        private async Task<int> WaitAsync()
        {
            await _process.WaitForExitAsync().ConfigureAwait(false);
            return _process.ExitCode;
        }
    }
}
