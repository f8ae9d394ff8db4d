using Lockstep.Engine.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>What Lockstep wrote: initial weights by name, and minibatches in the order in which it trains on them.</summary>
internal sealed class SharedWork
{
    private const string InputsName = "inputs";
    private const string TargetsName = "targets";

    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly Tensor[] _inputs;
    private readonly Tensor[] _targets;

    private SharedWork(SafetensorsFile file)
    {
        foreach (TensorEntry entry in file.Tensors.Where(entry => entry.Name is not (InputsName or TargetsName)))
            _parameters[entry.Name] = Floats(file, entry);
        Tensor inputs = Floats(file, file[InputsName]);
        long[] classes = new long[file[TargetsName].Count];
        file.CopyTo(TargetsName, classes);
        Tensor targets = tensor(classes).reshape(Axes(file[TargetsName]));
        if (targets.dim() == 3)
        {
            // Recurrent layers like time to be the first axis: [minibatches, T, N, D] and [minibatches, T, N].
            inputs = inputs.transpose(1, 2);
            targets = targets.transpose(1, 2);
        }
        _inputs = [.. inputs.unbind().Select(minibatch => minibatch.contiguous())];
        _targets = [.. targets.unbind().Select(minibatch => minibatch.contiguous())];
    }

    /// <summary>How many minibatches there are.</summary>
    public int Minibatches => _inputs.Length;

    public static SharedWork Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return new SharedWork(file);
    }

    /// <summary>Input and classes of a step: [N, …] and [N], of sequences [T, N, D] and [T, N]; after the last minibatch comes the first.</summary>
    public (Tensor Input, Tensor Target) MinibatchAt(int step) => (_inputs[step % Minibatches], _targets[step % Minibatches]);

    /// <summary>Gives a network the initial weights.</summary>
    /// <exception cref="InvalidDataException">The file has other parameters than the network.</exception>
    public void Load(nn.Module network)
    {
        using IDisposable frozen = no_grad();
        var own = network.named_parameters().ToArray();
        if (own.Length != _parameters.Count)
            throw new InvalidDataException($"The file has the parameters {string.Join(", ", _parameters.Keys)}; the network has {string.Join(", ", own.Select(parameter => parameter.name))}.");
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
