using System.Globalization;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Campaigns;

/// <summary>The table at the end of a campaign: a line for each run, one for each kind of fault, and one for all.</summary>
public static class CampaignTable
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<RunResult> results)
    {
        yield return "   run  exchange       struck  longest pause  replayed  workers ended     time  verdict";
        foreach ((int i, RunResult result) in results.Index())
        {
            yield return Text(
                $"{i + 1,6}  {Schedules.ScheduleFile.NameOf(result.Schedule.Exchange),-13}  {result.Struck,2} of {result.Faults.Count,-2}  {result.LongestPause,11:0.00} s  {result.Replayed,8}  {result.WorkersEnded,13}  {result.Seconds,6:0.0}s  {Word(result.Verdict)}");
        }
        yield return "";
        yield return "  fault               struck  median pause  longest pause  replayed";
        foreach (IGrouping<FaultKind, FaultOutcome> kind in results.SelectMany(result => result.Faults).Where(fault => fault.StruckAt is not null).GroupBy(fault => fault.Fault.Kind).OrderBy(group => group.Key))
        {
            double[] pauses = [.. kind.Select(fault => fault.Pause).Order()];
            yield return Text(
                $"  {FaultCatalogue.NameOf(kind.Key),-18}  {pauses.Length,6}  {pauses[pauses.Length / 2],10:0.00} s  {pauses[^1],11:0.00} s  {kind.Sum(fault => fault.Replayed),8}");
        }
        yield return "";
        int broken = results.Count(result => result.Verdict.Kind == VerdictKind.Broken), few = results.Count(result => result.Verdict.Kind == VerdictKind.TooFew);
        yield return Text(
            $"{results.Count} runs, {results.Sum(result => result.Struck)} faults struck: {results.Count - broken - few} the same bits, {broken} broken, {few} do not count");
    }

    private static string Word(Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Same => "the same bits",
        VerdictKind.Broken => "BROKEN: " + verdict.Reason,
        _ => "does not count",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
