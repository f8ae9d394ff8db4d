using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

public sealed class ThisProgramTests
{
    [Fact]
    public void An_application_host_or_a_single_file_is_started_as_it_is()
    {
        ThisProgram program = ThisProgram.Find("/opt/lockstep/lockstep", "/opt/lockstep/", "lockstep");
        Assert.Equal("/opt/lockstep/lockstep", program.File);
        Assert.Empty(program.LeadingArguments);
    }

    [Fact]
    public void Under_the_dotnet_host_the_assembly_comes_first()
    {
        ThisProgram program = ThisProgram.Find("/usr/bin/dotnet", "/srv/app/", "lockstep");
        Assert.Equal("/usr/bin/dotnet", program.File);
        Assert.Equal(["/srv/app/lockstep.dll"], program.LeadingArguments);
    }

    [Fact]
    public void Where_the_path_is_unknown_the_message_says_how_to_start_workers_by_hand() =>
        Assert.Contains("lockstep worker --join", Assert.Throws<InvalidOperationException>(() => ThisProgram.Find(null, "/", "lockstep")).Message);
}
