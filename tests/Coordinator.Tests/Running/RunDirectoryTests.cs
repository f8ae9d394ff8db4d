using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Terms;

namespace Lockstep.Coordinator.Tests.Running;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("lockstep-runs").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public void A_run_keeps_its_identity_and_every_coordinator_leads_at_a_higher_term()
    {
        string path;
        string run;
        using (RunDirectory directory = RunDirectory.Create(_runs, "job", "name: job\n"u8.ToArray(), TimeProvider.System))
        {
            (path, run) = (directory.Path, directory.Run.ToString());
            Assert.Equal(1, new TermAuthority(directory).Present.Term);
        }
        using RunDirectory again = RunDirectory.Open(path);
        Assert.Equal((run, 1L), (again.Run.ToString(), again.RecordedTerm));
        Assert.Equal(2, new TermAuthority(again).Present.Term);
    }

    [Fact]
    public void Two_coordinators_never_use_one_directory()
    {
        using RunDirectory first = RunDirectory.Create(_runs, "job", [], TimeProvider.System);
        Assert.Contains("in use", Assert.Throws<RunDirectoryException>(() => RunDirectory.Open(first.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_of_a_job_in_one_second_have_folders_of_their_own()
    {
        using RunDirectory first = RunDirectory.Create(_runs, "job", [], TimeProvider.System);
        using RunDirectory second = RunDirectory.Create(_runs, "job", [], TimeProvider.System);
        Assert.NotEqual(first.Path, second.Path);
    }

    [Fact]
    public void A_term_may_rise_until_training_begins_and_then_ends_the_lead()
    {
        using RunDirectory directory = RunDirectory.Create(_runs, "job", [], TimeProvider.System);
        var terms = new TermAuthority(directory);
        Assert.Equal(TermAnswer.Stands, terms.Hear(1));
        Assert.Equal(TermAnswer.Raised, terms.Hear(7));
        Assert.Equal((8L, 8L), (terms.Present.Term, directory.RecordedTerm));
        Assert.Equal(TermAnswer.Impossible, terms.Hear(long.MaxValue));
        Assert.Equal(8, terms.Seal().Term);
        Assert.Equal(TermAnswer.MustStop, terms.Hear(9));
    }

    [Fact]
    public void A_folder_that_is_no_runs_says_what_to_give()
    {
        Assert.Contains("runs/NAME-TIME", Assert.Throws<RunDirectoryException>(() => RunDirectory.Open(_runs)).Message, StringComparison.Ordinal);
    }
}
