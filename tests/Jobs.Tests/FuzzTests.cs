using CsCheck;

namespace Lockstep.Jobs.Tests;

/// <summary>Whatever the text: a job, or its faults, and in bounded time.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Seeds = [JobTexts.Minimal, .. Directory.EnumerateFiles(Examples.Folder, "*.yaml").Select(File.ReadAllText)];

    /// <summary>Pieces that mean something to YAML or to the format.</summary>
    private static readonly string[] Pieces =
    [
        "\t", "\n", "\r", " ", "  ", "- ", ": ", ":", "?", "? ", "&a ", "*a", "*a ", "!", "!!str ", "!<x> ", "|", ">", "|2-\n", "'", "\"", "\\", "\"\\u0000\"", "\"\\ud800\"", "{", "}", "[", "]", ",", "#", " #",
        "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n", "<<: ", "@", "`", "~", "null", "true", "1/0", "0x", "0xffffffffffffffffffff", "1e999", "-.inf", ".nan", "\0", "\ufeff", "\u0085", "\u2028", "\ud83d", "é",
        "model", "dense", "units: ", "encoder: []", "steps: 3", "{ test: }", "{ relu: , tanh: }", "99999999999999999999", "-1",
    ];

    private static readonly Gen<string> Mutated = Gen.Select(
        Gen.Int[0, Seeds.Length - 1],
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 40], Gen.Int[-1, Pieces.Length - 1]).Array[1, 8])
        .Select((seed, changes) =>
        {
            string text = Seeds[seed];
            foreach ((double place, int removed, int piece) in changes)
            {
                int at = (int)(place * text.Length);
                text = text.Remove(at, Math.Min(removed % 3 == 0 ? removed : 0, text.Length - at)).Insert(at, piece < 0 ? "" : Pieces[piece]);
            }
            return text;
        });

    private static readonly Gen<string> Soup = Gen.Int[0, Pieces.Length - 1].Array[0, 60].Select(pieces => string.Concat(pieces.Select(i => Pieces[i])));

    [Fact]
    public void A_mutated_job_file_is_a_job_or_a_list_of_faults() => Mutated.Sample(IsJudged, iter: 6_000);

    [Fact]
    public void Soup_is_a_job_or_a_list_of_faults() => Soup.Sample(IsJudged, iter: 6_000);

    [Fact]
    public void A_mutated_setting_is_applied_or_is_a_fault() =>
        Gen.Select(Soup, Gen.Int[0, 3]).Sample(
            (soup, form) => IsJudged(JobTexts.Minimal, new JobOverrides
            {
                Set = [form switch { 0 => soup, 1 => $"training.batch={soup}", 2 => $"model.0.flatten.{soup}=1", _ => $"model.{soup}" }],
            }),
            iter: 2_000);

    [Theory]
    [InlineData("name: ", "x", "")]
    [InlineData("seed: ", "9", "")]
    [InlineData("seed: 1.", "9", "")]
    [InlineData("seed: 1/", "3", "")]
    [InlineData("", "a: 1\n", "")]
    [InlineData("", "? ", "")]
    [InlineData("", "- ", "")]
    [InlineData("", "-\n", "")]
    [InlineData("", "{a: ", "")]
    [InlineData("model: [", "relu, ", "]")]
    [InlineData("model: [", "[],", "]")]
    [InlineData("name: \"", "\\u0041", "\"")]
    [InlineData("name: '", "''", "'")]
    [InlineData("name: |\n", " x\n", "")]
    [InlineData("name: ", "!", "")]
    [InlineData("name: ", "&", "")]
    [InlineData("# ", "#", "")]
    [InlineData("", "\n", "")]
    [InlineData("", " ", "")]
    [InlineData("", "%YAML 1.2\n", "")]
    [InlineData("", "---\n", "")]
    public async Task A_file_of_the_largest_size_is_judged_in_bounded_time(string start, string piece, string end)
    {
        string text = start + string.Concat(Enumerable.Repeat(piece, (256 * 1024 - start.Length - end.Length) / piece.Length)) + end;
        await Task.Run(() => IsJudged(text)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static void IsJudged(string text) => IsJudged(text, JobOverrides.None);

    private static void IsJudged(string text, JobOverrides overrides)
    {
        Job job;
        try
        {
            job = JobFile.Parse(text, "fuzz.yaml", overrides);
        }
        catch (JobFaultException exception)
        {
            Assert.NotEmpty(exception.Faults);
            Assert.All(exception.Faults, fault => Assert.True(fault.Message.Length is > 0 and < 1_000 && !fault.Message.Any(char.IsControl), fault.Message));
            return;
        }
        Assert.Equal(job, JobFile.Read(JobText.Bytes(job), "again.yaml"));
    }
}
