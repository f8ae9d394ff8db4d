using System.Text.Json;

namespace Lockstep.Benchmarks.Measuring;

/// <summary>What one process of any party is asked to do, as one argument of JSON: the same for all, whatever language they are written in.</summary>
internal sealed record Turn
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>How many losses a party reports at most.</summary>
    public const int KeptLosses = 20;

    /// <summary>Compute threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Steps from the initial weights without dropout, before everything else; then the losses reported are theirs, and training begins anew. 0 where
    /// nothing is drawn in a step, so that the training's own losses can be compared.
    /// </summary>
    public int CheckSteps { get; init; }

    /// <summary>Steps that are not measured, at least.</summary>
    public int WarmUpSteps { get; init; } = 2;

    /// <summary>Seconds of them, at least.</summary>
    public double WarmUpSeconds { get; init; } = 1.5;

    /// <summary>Measured steps, at least.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Seconds of them, at least.</summary>
    public double Seconds { get; init; } = 1.5;

    public static Turn FromJson(string text) =>
        JsonSerializer.Deserialize<Turn>(text, Options) ?? throw new JsonException("A turn is an object, such as {\"threads\":2,\"steps\":10}.");

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Warm-up and measurement.</summary>
    public Repetition Repetition() => new(TimeSpan.FromSeconds(WarmUpSeconds), WarmUpSteps, Steps, TimeSpan.FromSeconds(Seconds));
}
