using System.Globalization;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Serialization;

/// <summary>
/// How a model's parameters stand in a file. All stand there as they are, but for the biases of recurrent layers: a layer has one for W·x and U·h together,
/// and a file PyTorch's pair, <c>bias_ih_l0</c> and <c>bias_hh_l0</c>, so that it loads there by name.
/// </summary>
/// <remarks>
/// Written, bias_hh is +0, but that its last third is <c>bias_hn</c> where a GRU's reset gate acts after the product. Read, the two are added, but that
/// third; a file may lack bias_hh, and then has bias_hn where the model has it.
/// </remarks>
public static unsafe class ModelTensors
{
    private const string InputBias = "bias_ih_l";
    private const string HiddenBias = "bias_hh_l";
    private const string CandidateBias = "bias_hn_l";

    /// <summary>A tensor that a file must have.</summary>
    /// <param name="Name">Its name in the file.</param>
    /// <param name="Shape">Its shape there.</param>
    public sealed record Needed(string Name, IReadOnlyList<int> Shape);

    /// <summary>What a file of the model has. Numbers that are not copied must live until they are written.</summary>
    /// <param name="layout">Where every parameter lies.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    public static IReadOnlyCollection<TensorData> Of(ParameterLayout layout, float* parameters)
    {
        var tensors = new List<TensorData>();
        foreach (ParameterView parameter in layout.Model)
        {
            if (NameOf(parameter, CandidateBias, InputBias) is not null)
                continue;
            tensors.Add(TensorData.Of(parameter.Name, parameter.Shape, parameters + parameter.Offset));
            if (NameOf(parameter, InputBias, HiddenBias) is { } hidden)
                tensors.Add(TensorData.Of(hidden, parameter.Shape, HiddenBiasOf(layout, parameter, parameters)));
        }
        return tensors;
    }

    /// <summary>Numbers that a file has beside those of the flat buffer.</summary>
    public static long AddedLength(ParameterLayout layout) => layout.Model.Where(parameter => NameOf(parameter, InputBias, HiddenBias) is not null).Sum(parameter => parameter.Length);

    /// <summary>The tensors of a file that a parameter is read from.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parameter">A parameter of the model.</param>
    public static IReadOnlyList<Needed> SourcesOf(SafetensorsFile file, ParameterView parameter)
    {
        if (NameOf(parameter, InputBias, HiddenBias) is { } hidden && file.Contains(hidden))
            return [new Needed(parameter.Name, parameter.Shape), new Needed(hidden, parameter.Shape)];
        if (NameOf(parameter, CandidateBias, HiddenBias) is { } whole && !file.Contains(parameter.Name) && file.Contains(whole))
            return [new Needed(whole, [3 * parameter.Shape[0]])];
        return [new Needed(parameter.Name, parameter.Shape)];
    }

    /// <summary>Reads a parameter, after its <see cref="SourcesOf"/> have been found to be there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="layout">The model's.</param>
    /// <param name="parameter">One of its parameters.</param>
    /// <param name="destination">As many numbers as it has.</param>
    /// <exception cref="SafetensorsException">A tensor is not there, or has another type or length.</exception>
    public static void Read(SafetensorsFile file, ParameterLayout layout, ParameterView parameter, Span<float> destination)
    {
        IReadOnlyList<Needed> sources = SourcesOf(file, parameter);
        if (sources.Count == 2)
        {
            file.CopyTo(parameter.Name, destination);
            float[] hidden = new float[destination.Length];
            file.CopyTo(sources[1].Name, hidden);
            int added = CandidateBiasOf(layout, parameter) is { } candidate ? hidden.Length - (int)candidate.Length : hidden.Length;
            for (int i = 0; i < added; i++)
            {
                // What was written is read again bit for bit: −0 + 0 would be +0.
                if (hidden[i] != 0)
                    destination[i] += hidden[i];
            }
        }
        else if (sources[0].Name == parameter.Name)
        {
            file.CopyTo(parameter.Name, destination);
        }
        else
        {
            file.CopyRunTo(sources[0].Name, 2L * destination.Length, destination);
        }
    }

    private static float[] HiddenBiasOf(ParameterLayout layout, ParameterView inputBias, float* parameters)
    {
        float[] bias = new float[inputBias.Length];
        if (CandidateBiasOf(layout, inputBias) is { } candidate)
            new ReadOnlySpan<float>(parameters + candidate.Offset, (int)candidate.Length).CopyTo(bias.AsSpan(bias.Length - (int)candidate.Length));
        return bias;
    }

    private static ParameterView? CandidateBiasOf(ParameterLayout layout, ParameterView inputBias)
    {
        string? name = NameOf(inputBias, InputBias, CandidateBias);
        return name is null ? null : layout.Parameters.FirstOrDefault(parameter => parameter.Name == name);
    }

    /// <summary>The parameter's name with another kind in the place of its own; null if it is not of that kind.</summary>
    private static string? NameOf(ParameterView parameter, string kind, string other)
    {
        int start = parameter.Name.LastIndexOf('.') + 1;
        string own = parameter.Name[start..];
        bool isKind = own.StartsWith(kind, StringComparison.Ordinal) && int.TryParse(own.AsSpan(kind.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return isKind ? string.Concat(parameter.Name.AsSpan(0, start), other, own.AsSpan(kind.Length)) : null;
    }
}
