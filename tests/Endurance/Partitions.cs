using System.Globalization;
using Lockstep.Cluster.Tests.Harness;
using Lockstep.Transport.Joining;

namespace Lockstep.Endurance;

/// <summary>
/// Five nodes on machines of their own, encrypted as they are by default, cut into three and two and healed: one history, one hash, whichever side the coordinator is on,
/// with a standby on the other side and without.
/// </summary>
public static class Partitions
{
    private const int Machines = 5, Port = 4770;

    // On two cores some hundred steps are made in a second.
    private const int StepsASecond = 400;

    private static TestJob JobOf(TimeSpan lasts) => new("partition", Math.Max(6_000, (int)lasts.TotalSeconds * StepsASecond), 1_000)
    {
        Model = """
            - flatten
            - dense: { units: 256 }
            - relu
            - dense: { units: 256 }
            - relu
            - dense: { units: 10 }
            """,
        Evaluation = "evaluation: { everyEpochs: 100, metrics: [accuracy, loss] }",
    };

    // Machine 0 has the coordinator, the last one the standby where there is one.
    private static readonly (string Name, int[] Right, bool HasStandby)[] Cuts =
    [
        ("the coordinator and 2 workers | 2 workers", [3, 4], false),
        ("the coordinator and 1 worker | 3 workers", [2, 3, 4], false),
        ("the coordinator and 2 workers | 1 worker and a standby", [3, 4], true),
        ("the coordinator and 1 worker | 2 workers and a standby", [2, 3, 4], true),
    ];

    /// <param name="lasts">How long a partition lasts.</param>
    /// <param name="output">Takes the table.</param>
    /// <returns>0, or 1 where there was more than one history, or another hash.</returns>
    public static async Task<int> RunAsync(TimeSpan lasts, TextWriter output)
    {
        TestJob job = JobOf(lasts);
        Observation undisturbed = await Disturbance.None(job).ObserveAsync();
        await output.WriteLineAsync($"undisturbed: {job.Steps} steps, model sha256 {undisturbed.Summary.ModelSha256}");
        await output.WriteLineAsync("| cut | seconds without a step | steps while cut | who led to the end | workers back after | difference |");
        await output.WriteLineAsync("| --- | --- | --- | --- | --- | --- |");
        int broken = 0;
        foreach ((string name, int[] right, bool hasStandby) in Cuts)
        {
            string folder = Directory.CreateTempSubdirectory("lockstep-partition-").FullName;
            var processes = new List<LockstepProcess>();
            try
            {
                await output.WriteLineAsync($"| {name.Replace(" | ", " \u2223 ", StringComparison.Ordinal)} | {await OneAsync(job, folder, right, hasStandby, lasts, undisturbed, processes)} |");
            }
            catch (HarnessException e)
            {
                broken++;
                await output.WriteLineAsync($"| {name.Replace(" | ", " \u2223 ", StringComparison.Ordinal)} | | | | | {e.Message} |");
                await Console.Error.WriteLineAsync(string.Concat(processes.Select(process => process.Transcript)));
            }
            finally
            {
                foreach (LockstepProcess process in processes)
                    process.Dispose();
                Directory.Delete(folder, recursive: true);
            }
        }
        return broken == 0 ? 0 : 1;
    }

    private static async Task<string> OneAsync(
        TestJob job, string folder, int[] right, bool hasStandby, TimeSpan lasts, Observation undisturbed, List<LockstepProcess> processes)
    {
        using var lab = new NetworkLab(Machines);
        lab.PutRight(right);
        string jobFile = Path.Combine(folder, "job.yaml");
        await File.WriteAllTextAsync(jobFile, job.Yaml);
        var environment = new Dictionary<string, string> { ["LOCKSTEP_TOKEN"] = JoinToken.Generate().Reveal() };
        string coordinatorAt = $"{NetworkLab.AddressOf(0)}:{Port}";
        int workers = hasStandby ? Machines - 2 : Machines - 1;

        LockstepProcess Start(int machine, string name, params string[] arguments)
        {
            var process = LockstepProcess.Start(LockstepProgram.Beside, name, arguments, environment, folder, lab.On(machine));
            processes.Add(process);
            return process;
        }

        CoordinatorProcess coordinator = await CoordinatorProcess.ListeningAsync(Start(
            0, "coordinator", "coordinator", jobFile, "--listen", coordinatorAt, "--workers-minimum", Text(workers), "--output", Path.Combine(folder, "runs")));
        StandbyProcess? standby = !hasStandby ? null : await StandbyProcess.StandingAsync(Start(
            Machines - 1, "standby", "coordinator", "--standby", "--join", coordinatorAt, "--listen", $"{NetworkLab.AddressOf(Machines - 1)}:{Port}", "--output", Path.Combine(folder, "standby"), "--join-timeout", "300"));
        LockstepProcess[] all = [.. Enumerable.Range(1, workers).Select(machine => Start(machine, $"worker on machine {machine}", "worker", "--join", coordinatorAt, "--threads", "1", "--join-timeout", "300"))];
        foreach (LockstepProcess worker in all)
            await coordinator.ComputesAsync(worker);
        using var watch = new StepWatch(coordinator.RunDirectory);
        await watch.ReachesAsync(200);
        if (standby is not null)
            await standby.HoldsAsync();

        lab.Trunk(isIn: false);
        TimeSpan cut = watch.Now;
        long before = watch.Decided;
        TimeSpan goesOn = await watch.ReachesAsync(before + 2);
        using (var healing = new PeriodicTimer(lasts))
            await healing.WaitForNextTickAsync();
        long after = watch.Decided;
        if (after >= job.Steps)
            throw new HarnessException($"the run was over before the partition was healed: give it more than {job.Steps} steps");
        Task[] returns = [.. all.Where((_, i) => right.Contains(i + 1)).Select(worker => coordinator.Process.SaysNextAsync($":{worker.Id} joins"))];
        lab.Trunk(isIn: true);
        TimeSpan healed = watch.Now;
        await Task.WhenAll(returns);
        TimeSpan back = watch.Now;

        RunSummary summary = await coordinator.EndAsync(TimeSpan.FromMinutes(10));
        var seen = new Observation(summary, StepLog.Read(summary.RunDirectory), "");
        if (seen.DifferenceFrom(undisturbed) is { } difference)
            throw new HarnessException(difference);
        foreach (LockstepProcess worker in all)
        {
            if (await worker.ExitAsync() is not 0 and int code)
                throw new HarnessException($"a worker ended with exit code {code}");
        }
        if (standby is not null && await standby.Process.ExitAsync() is not 0 and int end)
            throw new HarnessException($"the standby ended with exit code {end}");
        if (processes.Any(process => process.Transcript.Contains("has taken over", StringComparison.Ordinal)))
            throw new HarnessException("somebody took over while the coordinator led");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(goesOn - cut).TotalSeconds:0.0} | {after - before} | the coordinator, at term 1 | {(back - healed).TotalSeconds:0.0} s | none");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
