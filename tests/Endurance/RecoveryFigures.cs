using System.Globalization;
using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Endurance;

/// <summary>How long the loss of a node holds a run up: several runs of each kind, as a table.</summary>
public static class RecoveryFigures
{
    private static readonly Func<TestJob, Task<Recovery>>[] Kinds = [Recovery.OfKilledWorkerAsync, Recovery.OfSilentWorkerAsync, Recovery.OfKilledCoordinatorAsync];

    /// <param name="rounds">Runs of each kind.</param>
    /// <param name="output">Takes the table.</param>
    /// <returns>0, or 1 where a run had other bits.</returns>
    public static async Task<int> PrintAsync(int rounds, TextWriter output)
    {
        TestJob job = TestJob.Longer;
        Observation undisturbed = await Disturbance.None(job).ObserveAsync();
        int different = 0;
        await output.WriteLineAsync("| what is lost | runs | seconds without a step: median (least to most) | leaves that others computed | steps made again | same bits |");
        await output.WriteLineAsync("| --- | --- | --- | --- | --- | --- |");
        foreach (Func<TestJob, Task<Recovery>> kind in Kinds)
        {
            var runs = new List<Recovery>();
            for (int i = 0; i < rounds; i++)
                runs.Add(await kind(job));
            double[] pauses = [.. runs.Select(run => run.Pause.TotalSeconds).Order()];
            int same = runs.Count(run => run.Run.DifferenceFrom(undisturbed) is null);
            different += rounds - same;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {runs[0].Name} | {rounds} | {Median(pauses):0.00} ({pauses[0]:0.00} to {pauses[^1]:0.00}) | {Range(runs.Select(run => (long?)run.LeavesGiven))} | {Range(runs.Select(run => (long?)run.Replayed))} | {same} of {rounds} |"));
            foreach (Recovery broken in runs.Where(run => run.Run.DifferenceFrom(undisturbed) is not null))
                await Console.Error.WriteLineAsync($"{broken.Name}: {broken.Run.DifferenceFrom(undisturbed)}\n{broken.Run.Transcript}");
        }
        return different == 0 ? 0 : 1;
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static string Range(IEnumerable<long?> numbers)
    {
        long[] known = [.. numbers.OfType<long>().Order()];
        return known.Length == 0 ? "none" : known[0] == known[^1] ? $"{known[0]}" : $"{known[0]} to {known[^1]}";
    }
}
