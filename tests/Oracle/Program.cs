using System.Globalization;
using Lockstep.Cluster.Tests.Harness;
using Lockstep.Engine.Serialization;
using Lockstep.Oracle;

// PyTorch's numbers against those of the program as a user starts it: each case becomes a job file with its data and first weights; `lockstep gradients` gives output,
// loss and gradients, `lockstep train` on two workers the weights after the steps.
//   dotnet run -c Release --project tests/Oracle [FOLDER] [CASE…]
// FOLDER holds the reference files, by default tests/Engine.Tests/Oracle. Exit code 1 if one number is further away than the bound.
string source = args.Length > 0 ? args[0] : Path.Combine("tests", "Engine.Tests", "Oracle");
string[] chosen = args.Length > 1 ? args[1..] : [];
int failed = 0, count = 0;
foreach (string path in Directory.EnumerateFiles(source, "*.safetensors").Order(StringComparer.Ordinal))
{
    string name = Path.GetFileNameWithoutExtension(path);
    if (chosen.Length > 0 && !chosen.Contains(name))
        continue;
    using var reference = new ReferenceFile(path);
    if (reference.Names.Any(tensor => tensor.EndsWith(".mask", StringComparison.Ordinal)))
    {
        Console.WriteLine($"{name}: left out, its dropout mask is given");
        continue;
    }
    string verdict = await CheckAsync(reference);
    count++;
    failed += verdict.StartsWith("ok", StringComparison.Ordinal) ? 0 : 1;
    Console.WriteLine($"{name}: {verdict}");
}
Console.WriteLine($"{count} cases, {failed} of them different.");
return failed == 0 ? 0 : 1;

static async Task<string> CheckAsync(ReferenceFile reference)
{
    string folder = Directory.CreateTempSubdirectory("lockstep-oracle-").FullName;
    try
    {
        var job = new CaseJob(reference);
        job.Write(folder);
        string yaml = Path.Combine(folder, "job.yaml"), weights = Path.Combine(folder, "weights.safetensors");
        string text = await File.ReadAllTextAsync(yaml);
        await File.WriteAllTextAsync(yaml, text.Replace("WIDTH", reference["in.x"].Shape[^1].ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        string[] first = job.Weights.Count > 0 ? ["--weights", weights] : [];
        var worst = new Worst();

        string gradients = Path.Combine(folder, "gradients.safetensors");
        string? fault = await RunAsync(folder, ["gradients", yaml, .. first, "--output", gradients]);
        if (fault is not null)
            return fault;
        using (SafetensorsFile found = SafetensorsFile.Open(gradients))
            CompareGradients(reference, job, found, worst);

        if (job.Weights.Count > 0 && reference.Names.Any(tensor => tensor.StartsWith("wk.", StringComparison.Ordinal)))
        {
            fault = await RunAsync(folder, ["train", yaml, .. first, "--workers", "2", "--output", Path.Combine(folder, "runs")]);
            if (fault is not null)
                return fault;
            string checkpoint = Directory.EnumerateDirectories(Path.Combine(folder, "runs"), "step-*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
            using SafetensorsFile model = SafetensorsFile.Open(Path.Combine(checkpoint, "model.safetensors"));
            foreach (CaseParameter weight in job.Weights)
                worst.Take($"wk.{weight.Ours}", Floats(model, weight.Ours), weight.Of(reference, "wk").Values);
            foreach (string state in reference.Names.Where(tensor => tensor.Contains(".running_", StringComparison.Ordinal)))
                worst.Take(state, Floats(model, "n" + state["state.".Length..]), reference[state].Values);
            using SafetensorsFile carried = SafetensorsFile.Open(Path.Combine(checkpoint, "carried.safetensors"));
            foreach (string state in reference.Names.Where(tensor => tensor.StartsWith("state.", StringComparison.Ordinal) && !tensor.Contains(".running_", StringComparison.Ordinal)))
                worst.Take(state, Floats(carried, CaseParameters.StateName(state["state.".Length..])), reference[state].Values);
        }
        return worst.ToString();
    }
    catch (HarnessException missing)
    {
        return $"FAILED, {missing.Message}";
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static void CompareGradients(ReferenceFile reference, CaseJob job, SafetensorsFile found, Worst worst)
{
    double[] loss = new double[1];
    found.CopyTo("loss", loss);
    if (reference.Case.GetProperty("loss").GetString() == "zero_one")
    {
        worst.Take("out", Floats(found, "outputs"), job.Ours("out").Values);
        return;
    }
    bool isChunked = reference.Has("losses") && !reference.Names.Any(name => name.StartsWith("grad.", StringComparison.Ordinal)) && reference.Names.Any(name => name.StartsWith("chunk0.", StringComparison.Ordinal));
    worst.Take("loss", [(float)loss[0]], reference[reference.Has("loss") ? "loss" : "losses"].Values[..1]);
    worst.Take("out", Floats(found, "outputs"), job.Ours("out").Values);
    foreach (CaseParameter weight in job.Weights)
        worst.Take($"grad.{weight.Ours}", Floats(found, $"gradient.{weight.Ours}"), weight.Of(reference, isChunked ? "chunk0.grad" : "grad").Values);
    if (reference.Has("grad_in.x"))
        worst.Take("grad_in.x", Floats(found, "gradient.inputs"), job.Ours("grad_in.x").Values);
    foreach (string state in reference.Names.Where(name => name.StartsWith("grad_in.", StringComparison.Ordinal) && name[^1] == '0'))
        worst.Take(state, Floats(found, $"gradient.{CaseParameters.StateName(state["grad_in.".Length..])}"), reference[state].Values);
}

static float[] Floats(SafetensorsFile file, string name)
{
    // Of PyTorch's second bias only the last third is ours, with resetAfter.
    if (!file.Contains(name) && name.Contains("bias_hn", StringComparison.Ordinal))
    {
        float[] second = Floats(file, name.Replace("bias_hn", "bias_hh", StringComparison.Ordinal));
        return second[(second.Length / 3 * 2)..];
    }
    if (!file.Contains(name))
        throw new HarnessException($"{file.Path} has no '{name}'.");
    float[] values = new float[file[name].Count];
    file.CopyTo(name, values);
    return values;
}

static async Task<string?> RunAsync(string folder, string[] arguments)
{
    using var process = LockstepProcess.Start(LockstepProgram.Beside, arguments[0], arguments, new Dictionary<string, string>(), folder);
    int code = await process.ExitAsync();
    return code == 0 ? null : $"FAILED, exit code {code}\n{process.Transcript}";
}

/// <summary>The array that is furthest away, in units of the bound ‖a − b‖ ≤ 1e-5·‖b‖ + 1e-7·√n.</summary>
internal sealed class Worst
{
    private double _share;
    private string _name = "";

    public void Take(string name, float[] found, float[] expected)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < Math.Min(found.Length, expected.Length); i++)
        {
            difference += Math.Pow((double)found[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }
        double share = found.Length != expected.Length ? double.PositiveInfinity : Math.Sqrt(difference) / ((1e-5 * Math.Sqrt(norm)) + (1e-7 * Math.Sqrt(expected.Length)));
        if (!(share <= _share))
            (_share, _name) = (double.IsNaN(share) ? double.PositiveInfinity : share, name);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(_share <= 1 ? "ok" : "DIFFERS")}, at most {_share:0.000} of the bound ({_name})");
}
