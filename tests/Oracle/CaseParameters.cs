using System.Text.Json;

namespace Lockstep.Oracle;

/// <summary>One of our parameters.</summary>
/// <param name="Ours">What a job's files call it.</param>
/// <param name="Theirs">What the reference calls it.</param>
/// <param name="Row">Which row of the reference's it is, where that has several of ours in one; null for all.</param>
internal sealed record CaseParameter(string Ours, string Theirs, int? Row = null)
{
    /// <summary>The reference's numbers: <c>w0</c>, <c>grad</c>, <c>wk</c>, …</summary>
    public Numbers Of(ReferenceFile reference, string prefix)
    {
        Numbers all = reference[$"{prefix}.{Theirs}"];
        return Row is { } row ? all.Rows(row, 1) : all;
    }
}

/// <summary>Which of our parameters is which of a case's.</summary>
internal static class CaseParameters
{
    private static readonly string[] Peepholes = ["peephole_i", "peephole_f", "peephole_o"];

    public static IEnumerable<CaseParameter> Of(ReferenceFile reference, JsonElement[] net)
    {
        string kind = net[0].GetProperty("op").GetString()!;
        foreach (string name in reference.Names.Where(name => name.StartsWith("w0.", StringComparison.Ordinal)).Select(name => name["w0.".Length..]))
        {
            string[] parts = name.Split('.');
            foreach (CaseParameter parameter in kind switch
            {
                "seq2seq" => OfDecoder(name, parts[^2], parts[^1], parts[^2] is "source" or "encoder" ? "encoder" : "decoder"),
                "feedback" => OfDecoder(name, parts[^2], parts[^1], "decoder"),
                _ when parts.Length == 3 => OfLevel(name, $"n{parts[0]}", parts[1], parts[2]),
                _ => [new CaseParameter($"n{parts[0]}.{parts[1]}", name)],
            })
                yield return parameter;
        }
    }

    /// <summary>What a tensor file calls an initial state: <c>0.l1.h0</c> is <c>n0.h0_l1</c>.</summary>
    public static string StateName(string theirs)
    {
        string[] parts = theirs.Split('.');
        return $"n{parts[0]}.{parts[^1]}_{(parts.Length == 3 ? parts[1] : "l0")}";
    }

    private static IEnumerable<CaseParameter> OfDecoder(string theirs, string layer, string parameter, string part) => layer is "encoder" or "decoder" or "l0"
        ? OfLevel(theirs, $"{part}.{layer}", "l0", parameter)
        : [new CaseParameter($"{part}.{layer}.{parameter}", theirs)];

    private static IEnumerable<CaseParameter> OfLevel(string theirs, string layer, string level, string parameter) => parameter switch
    {
        "bias" => [new CaseParameter($"{layer}.bias_ih_{level}", theirs)],
        "peephole" => Peepholes.Select((name, row) => new CaseParameter($"{layer}.{name}_{level}", theirs, row)),
        _ => [new CaseParameter($"{layer}.{parameter}_{level}", theirs)],
    };
}
