using Lockstep.Engine.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>What Lockstep wrote: initial weights by name, and minibatches in the order in which it trains on them.</summary>
internal sealed class SharedWork
{
    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly Tensor[] _inputs;
    private readonly Tensor[] _targets;

    private SharedWork(SafetensorsFile file)
    {
        foreach (TensorEntry entry in file.Tensors.Where(entry => entry.Name.StartsWith("parameter.", StringComparison.Ordinal)))
            _parameters[entry.Name["parameter.".Length..]] = Floats(file, entry);
        _inputs = Floats(file, file["inputs"]).unbind();
        long[] classes = new long[file["targets"].Count];
        file.CopyTo("targets", classes);
        _targets = tensor(classes).reshape(Axes(file["targets"])).unbind();
    }

    /// <summary>How many minibatches there are.</summary>
    public int Minibatches => _inputs.Length;

    public static SharedWork Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return new SharedWork(file);
    }

    /// <summary>Input [N, D] and classes [N] of a step; after the last minibatch comes the first.</summary>
    public (Tensor Input, Tensor Target) MinibatchAt(int step) => (_inputs[step % Minibatches], _targets[step % Minibatches]);

    /// <summary>Gives a network the initial weights.</summary>
    /// <exception cref="InvalidDataException">The file has other parameters than the network.</exception>
    public void Load(nn.Module network)
    {
        using IDisposable frozen = no_grad();
        var own = network.named_parameters().ToArray();
        if (own.Length != _parameters.Count)
            throw new InvalidDataException($"The file has {_parameters.Count} parameters, the network {own.Length}.");
        foreach (var (name, parameter) in own)
        {
            if (!_parameters.TryGetValue(name, out Tensor? weights) || !weights.shape.SequenceEqual(parameter.shape))
                throw new InvalidDataException($"The file has no '{name}' of shape [{string.Join(", ", parameter.shape)}], only {string.Join(", ", _parameters.Keys)}.");
            parameter.copy_(weights);
        }
    }

    private static Tensor Floats(SafetensorsFile file, TensorEntry entry)
    {
        float[] numbers = new float[entry.Count];
        file.CopyTo(entry.Name, numbers);
        return tensor(numbers).reshape(Axes(entry));
    }

    private static long[] Axes(TensorEntry entry) => [.. entry.Shape.Select(axis => (long)axis)];
}
