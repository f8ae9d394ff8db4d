using Lockstep.Cli.Exits;
using Lockstep.Launch;
using Lockstep.Transport.Joining;

namespace Lockstep.Cli.Runs;

/// <summary>Where a join token comes from: a file, or the variable LOCKSTEP_TOKEN. Never the command line, which every user of a machine can read.</summary>
public static class TokenSource
{
    public const string Variable = LocalWorkersOptions.TokenVariable;

    /// <summary>Reads the token; null where none was given.</summary>
    /// <param name="file">The value of <c>--token-file</c>; it goes before the variable.</param>
    /// <param name="environment">Reads a variable.</param>
    /// <exception cref="InputException">What was given is no token, or cannot be read.</exception>
    public static JoinToken? Read(string? file, Func<string, string?> environment)
    {
        string? text = file is null ? environment(Variable) : ReadFile(file);
        if (string.IsNullOrWhiteSpace(text))
            return file is null ? null : throw new InputException($"--token-file {file}: the file is empty. It must hold the token that the coordinator printed.");
        try
        {
            return JoinToken.Parse(text);
        }
        catch (FormatException e)
        {
            throw new InputException($"{(file is null ? Variable : "--token-file " + file)}: {e.Message}", e);
        }
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--token-file {file}: {e.Message} Check the path and its permissions.", e);
        }
    }
}
