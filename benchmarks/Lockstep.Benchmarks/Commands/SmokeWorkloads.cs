using Lockstep.Benchmarks.Comparison;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Benchmarks.Workload;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Commands;

/// <summary>Every workload, made small: threads change no bit of its losses, leaves only the last ones, and what peers are given is whole.</summary>
internal static class SmokeWorkloads
{
    /// <returns>How many configurations were trained.</returns>
    public static int Run(List<string> faults)
    {
        using var folder = new WorkFolder(BenchmarkJob.All, small: true);
        int configurations = 0;
        foreach (BenchmarkJob job in BenchmarkJob.All)
        {
            TrainingPlan plan = BenchmarkJob.Plan(folder.JobFile(job), job.Small);
            Turn turn = CompareCommand.TurnOf(WorkloadRequest.Smoke(job.Name), plan);
            try
            {
                PartyResult Measure(int threads, IReadOnlyList<string> settings)
                {
                    configurations++;
                    return OwnTurn.Measure(folder.JobFile(job), settings, turn with { Threads = threads });
                }

                PartyResult first = Measure(1, job.Small);
                if (!first.Losses.All(loss => double.IsFinite(loss) && loss > 0))
                    faults.Add($"{job.Name}: losses {string.Join(", ", first.Losses)}");
                Agreement.RequireSameBits(job.Name, "2 threads", Measure(2, job.Small).Losses, first.Losses);
                PartyResult oneLeaf = Measure(2, [.. job.Small, BenchmarkJob.Shards(1)]);
                Agreement.RequireClose(job.Name, "1 leaf", oneLeaf.Losses, $"{plan.Shards} leaves", first.Losses);
                Share(plan, folder.SharedFile(job), faults);
            }
            catch (InvalidOperationException fault)
            {
                faults.Add(fault.Message);
            }
        }
        return configurations;
    }

    private static void Share(TrainingPlan plan, string path, List<string> faults)
    {
        SharedWork.Write(plan, path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string[] missing = [.. plan.Network.Layout.Model.SelectMany(parameter => ModelTensors.SourcesOf(file, parameter)).Select(needed => needed.Name).Where(name => !file.Contains(name))];
        if (missing.Length > 0)
            faults.Add($"{plan.Job.Name}: the file for peers lacks {string.Join(", ", missing)}.");
        if (!file["inputs"].Shape.Take(2).SequenceEqual(file["targets"].Shape.Take(2)) || file["inputs"].Shape[1] != plan.Job.Training.Batch)
            faults.Add($"{plan.Job.Name}: the file for peers has {file["inputs"]} for {file["targets"]}.");
    }
}
