namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A build of <c>lockstep</c> that can be started.</summary>
/// <param name="Folder">The folder that holds <c>lockstep.dll</c>.</param>
public sealed record LockstepProgram(string Folder)
{
    /// <summary>The build that lies beside the running assembly.</summary>
    public static LockstepProgram Beside { get; } = new(AppContext.BaseDirectory);

    /// <summary>The .NET host, which starts the assembly whatever the platform's executables are called.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public string Assembly => Path.Combine(Folder, "lockstep.dll");
}
