using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Engine.Serialization;

namespace Lockstep.Oracle;

/// <summary>A reference case as a job: the job file, its data and its first weights, and which of our tensors is which of the reference's.</summary>
internal sealed class CaseJob
{
    private static readonly string[] Recurrent = ["recurrent", "embedding", "one_to_many", "feedback", "seq2seq"];

    private readonly ReferenceFile _reference;
    private readonly JsonElement[] _net;
    private readonly StringBuilder _yaml = new();
    private readonly List<TensorData> _data = [];
    private readonly bool _isSignal;
    private readonly bool _isSequence;
    private readonly int _chunks;

    public CaseJob(ReferenceFile reference)
    {
        _reference = reference;
        _net = [.. reference.Case.GetProperty("net").EnumerateArray()];
        string first = _net[0].GetProperty("op").GetString()!;
        _isSignal = first == "conv1d";
        _isSequence = Recurrent.Contains(first);
        _chunks = (int)Number(reference.Case, "chunks", 0);
        Steps = _chunks > 0 ? _chunks : (int)Number(reference.Case, "steps", 3);
        Weights = [.. CaseParameters.Of(reference, _net)];
    }

    /// <summary>Updates that the reference made.</summary>
    public int Steps { get; }

    /// <summary>Our parameters and what the reference calls them.</summary>
    public IReadOnlyList<CaseParameter> Weights { get; }

    /// <summary>Writes job.yaml, data.safetensors and weights.safetensors.</summary>
    public void Write(string folder)
    {
        WriteData();
        using (FileStream stream = File.Create(Path.Combine(folder, "data.safetensors")))
            SafetensorsWriter.Write(stream, _data);
        using (FileStream stream = File.Create(Path.Combine(folder, "weights.safetensors")))
            SafetensorsWriter.Write(stream, [.. Weights.Select(weight => TensorData.Of(weight.Ours, weight.Of(_reference, "w0").Shape, weight.Of(_reference, "w0").Values))]);

        int samples = (int)_data[0].Shape[0];
        string chunks = _chunks > 0 ? $"  truncatedBptt: {{ steps: {_reference["in.x"].Shape[0] / _chunks} }}\n" : "";
        _yaml.Append(CultureInfo.InvariantCulture, $"""
            name: {_reference.Name.Replace('_', '-')}
            data: {"{"} tensors: {"{"} path: data.safetensors {"}"}, shuffle: false {"}"}
            model:
            {CaseModel.Of(_net)}
            training:
              loss: {"{"} {LossOf()}: {"{"} reduction: {Text(_reference.Case, "reduction") ?? "mean"}{(Text(_reference.Case, "loss") == "binary_cross_entropy" ? ", onProbabilities: true" : "")} {"}"} {"}"}
              steps: {Steps}
              batch: {samples}
              shards: 1
            {CaseTraining.Of(_reference.Case)}{chunks}
            """);
        File.WriteAllText(Path.Combine(folder, "job.yaml"), _yaml.ToString());
    }

    /// <summary>An array of the reference in our order of axes: samples first, then time.</summary>
    public Numbers Ours(string name)
    {
        Numbers theirs = _reference[name];
        bool isOfSamples = name is "in.y" or "out" && !IsSequenceOutput;
        if (_isSignal && theirs.Shape.Length == 3)
            return theirs.Transposed(0, 2, 1);
        bool oneStep = name is "in.x" or "grad_in.x" && (_net[0].GetProperty("op").GetString() is "one_to_many" or "feedback");
        if (!_isSequence || isOfSamples || oneStep)
            return theirs;
        return theirs.Shape.Length switch
        {
            2 => theirs.Transposed(1, 0),
            3 => theirs.Transposed(1, 0, 2),
            _ => theirs,
        };
    }

    private bool IsSequenceOutput => _isSequence && !_net.Any(layer => Text(layer, "take") == "last");

    private void WriteData()
    {
        Numbers x = Ours("in.x");
        _data.Add(_reference.IsWhole("in.x") ? TensorData.Of("inputs", x.Shape, Whole(x)) : TensorData.Of("inputs", x.Shape, x.Values));
        Numbers y = Ours("in.y");
        _data.Add(_reference.IsWhole("in.y") ? TensorData.Of("targets", y.Shape, Whole(y)) : TensorData.Of("targets", y.Shape, y.Values));
        if (_reference.Has("in.teacher"))
            _data.Add(TensorData.Of("teacher", Ours("in.teacher").Shape, Whole(Ours("in.teacher"))));
        foreach (string name in _reference.Names.Where(name => name.StartsWith("in.", StringComparison.Ordinal) && (name.EndsWith(".h0", StringComparison.Ordinal) || name.EndsWith(".c0", StringComparison.Ordinal))))
            _data.Add(TensorData.Of(CaseParameters.StateName(name["in.".Length..]), _reference[name].Shape, _reference[name].Values));
    }

    private static long[] Whole(Numbers numbers) => [.. numbers.Values.Select(number => (long)number)];

    private string LossOf() => Text(_reference.Case, "loss") switch
    {
        "svm" => "multiclassHinge",
        "softmax_cross_entropy" or "zero_one" => "softmaxCrossEntropy",
        "binary_cross_entropy" or "sigmoid_cross_entropy" => "binaryCrossEntropy",
        string same => same,
        null => throw new FormatException("A case has no loss."),
    };

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement part) ? part.GetString() : null;

    private static double Number(JsonElement element, string name, double otherwise) => element.TryGetProperty(name, out JsonElement part) ? part.GetDouble() : otherwise;
}
