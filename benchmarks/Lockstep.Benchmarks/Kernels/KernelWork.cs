using System.Text.Json;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>A matrix product that a peer computes: [M, K] × [K, N], an operand stored the other way round where it is transposed.</summary>
internal sealed record ProductWork(int M, int N, int K, bool LeftTransposed, bool RightTransposed);

/// <summary>What a peer is asked to time, as one argument of JSON.</summary>
internal sealed record KernelWork
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Compute threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Seconds of calls before those that are measured, of each kernel.</summary>
    public double WarmUpSeconds { get; init; } = 0.3;

    /// <summary>Calls before those that are measured, at least.</summary>
    public int WarmUpRuns { get; init; } = 20;

    /// <summary>Measurements of each kernel.</summary>
    public int Runs { get; init; } = 100;

    /// <summary>Numbers that a function is applied to.</summary>
    public int Length { get; init; }

    /// <summary>Matrix products.</summary>
    public IReadOnlyList<ProductWork> Products { get; init; } = [];

    /// <summary>Functions of <see cref="Length"/> numbers: exp, log, tanh, sigmoid, relu.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    public static KernelWork FromJson(string text) =>
        JsonSerializer.Deserialize<KernelWork>(text, Options) ?? throw new JsonException("Kernels are an object, such as {\"length\":65536,\"functions\":[\"exp\"]}.");

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Warm-up and measurement.</summary>
    public Repetition Repetition() => new(TimeSpan.FromSeconds(WarmUpSeconds), WarmUpRuns, Runs);

    /// <summary>One line: milliseconds of a call by the median, products first.</summary>
    public static string Answer(IReadOnlyList<double> medians) => JsonSerializer.Serialize(medians, Options);

    /// <exception cref="InvalidOperationException">The text is no such line, or has not a time for each kernel.</exception>
    public IReadOnlyList<double> Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<double[]>(line, Options) is { } medians && medians.Length == Products.Count + Functions.Count
                ? medians
                : throw new InvalidOperationException($"There should be {Products.Count + Functions.Count} times in: {line}");
        }
        catch (JsonException fault)
        {
            throw new InvalidOperationException($"Not the result of a measurement: {line}", fault);
        }
    }
}
