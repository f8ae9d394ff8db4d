using System.CommandLine;
using System.Globalization;
using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Commands;

/// <summary>
/// <c>scaling</c>: how many times as fast several workers are as one, beside what the machine gives as many processes that exchange nothing. Cores of a virtual
/// machine share caches, memory and often more; what they do not give, no cluster reaches.
/// </summary>
internal static class ScalingCommand
{
    public static Command Create()
    {
        var workers = CountOption.Several("--workers", "Worker processes of one thread each, which are compared with one.", 2);
        // What runs once a second, such as the members' gossip, is called for the thirtieth time after half a minute, and compiled for good then, in every process at once.
        var options = new WorkloadOptions(warmUpSeconds: 40, warmUpSteps: 64);
        var command = new Command("scaling", "Clusters of several workers beside one of a single worker, and as many processes that exchange nothing, in turns.") { workers };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            Print(options.Request(parsed), parsed.GetValue(workers)!);
            return 0;
        });
        return command;
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="request">What is measured.</param>
    /// <param name="workers">How many workers, each more than one.</param>
    /// <exception cref="InvalidOperationException">A party failed, its losses are not those of one process, or a minibatch cannot be cut into so many shares.</exception>
    public static IReadOnlyList<ScalingRow> Print(WorkloadRequest request, IReadOnlyList<int> workers)
    {
        using var folder = new WorkFolder(request.Jobs, request.Small);
        var subjects = new List<Subject>();
        foreach (BenchmarkJob job in request.Jobs)
            subjects.Add(Subject.Of(request, folder, job, workers));
        Console.WriteLine();
        for (int round = 1; round <= request.Rounds; round++)
        {
            foreach (Subject subject in subjects)
            {
                // Every second round goes the other way round: then nobody is always the first.
                foreach ((Party party, int count) in round % 2 == 1 ? subject.Turns : subject.Turns.Reverse())
                {
                    PartyResult result = party.Measure(count);
                    subject.Add(party, count, result);
                    Console.WriteLine($"round {round} of {request.Rounds}, {subject.Name}: {party.Name}, {count}: {Distribution.Of(result.Milliseconds)} ms; load average {LoadAverage.Text()}");
                }
            }
        }
        var table = new Table("workload", "workers", "cluster, ms: medians of the rounds", "times as fast as one worker", "nothing exchanged, ms", "times as fast as one process", "rounds");
        var rows = new List<ScalingRow>();
        foreach (Subject subject in subjects)
        {
            foreach (int count in workers)
            {
                var row = new ScalingRow(subject.Gain(subject.Cluster, count), subject.Gain(subject.Apart, count));
                rows.Add(row);
                table.Add(subject.Name, Text(count), subject.Times(subject.Cluster, count), row.Cluster.ToString(), subject.Times(subject.Apart, count), row.Apart.ToString(), Text(request.Rounds));
            }
        }
        Console.WriteLine();
        Console.WriteLine(table);
        return rows;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A workload, who does it, and the median step of every turn.</summary>
    private sealed class Subject(string name, Party cluster, Party apart, IReadOnlyList<int> workers)
    {
        private readonly Dictionary<(Party, int), List<double>> _medians = [];

        public string Name => name;

        public Party Cluster => cluster;

        public Party Apart => apart;

        public IEnumerable<(Party Party, int Count)> Turns =>
            from count in workers.Prepend(1)
            from party in new[] { cluster, apart }
            select (party, count);

        public static Subject Of(WorkloadRequest request, WorkFolder folder, BenchmarkJob job, IReadOnlyList<int> workers)
        {
            IReadOnlyList<string> settings = request.Settings(job);
            TrainingPlan plan = BenchmarkJob.Plan(folder.JobFile(job), settings);
            Console.WriteLine(folder.Describe(job, plan));
            Turn turn = CompareCommand.TurnOf(request, plan);
            PartyResult alone = Party.Lockstep("Lockstep, one process", folder.JobFile(job), settings, turn).Measure(1);
            return new Subject(
                job.Name,
                new ClusterParty(folder.JobFile(job), settings, plan, turn, alone).AsParty(),
                SeparateProcesses.AsParty("nothing exchanged", folder.JobFile(job), settings, plan, turn),
                workers);
        }

        public void Add(Party party, int count, PartyResult result)
        {
            if (!_medians.TryGetValue((party, count), out List<double>? medians))
                _medians[(party, count)] = medians = [];
            medians.Add(Distribution.Of(result.Milliseconds).Median);
        }

        /// <summary>How many times as fast as one, round by round.</summary>
        public Distribution Gain(Party party, int count) =>
            Distribution.Of(_medians[(party, 1)].Zip(_medians[(party, count)], (one, several) => one / several));

        public string Times(Party party, int count) =>
            $"{Distribution.Of(_medians[(party, 1)])} → {Distribution.Of(_medians[(party, count)])}";
    }
}

/// <summary>How many times as fast several are as one, by the medians of the rounds.</summary>
/// <param name="Cluster">A cluster of so many workers as one of a single worker.</param>
/// <param name="Apart">So many processes that exchange nothing, each with its share of a minibatch, as one with all of it.</param>
internal sealed record ScalingRow(Distribution Cluster, Distribution Apart);
