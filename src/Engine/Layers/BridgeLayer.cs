using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>
/// The seam of an encoder and a decoder: makes the encoder's result the first state of the decoder's first recurrent layer, and gives what the decoder reads,
/// the teacher's tokens [N, U] or values [N, U, D] (Sutskever, Vinyals and Le 2014; Vinyals et al. 2015 for images).
/// </summary>
/// <remarks>
/// <para>
/// An encoder that ends with a recurrent layer hands on that layer's states after its last step; masked steps keep the state, so these are the states after the
/// last step that is there. h becomes h and c becomes c; a decoder's c to which the encoder has no counterpart starts as it would without one. Level i of the
/// decoder starts from level i of the encoder, or from its topmost where it has fewer; where it has more, its lowest ones are left out. An encoder that ends with
/// features [D] hands them on as h of every level. Further recurrent layers of the decoder start as they would without an encoder.
/// </para>
/// <para>
/// Where both widths agree the numbers are handed on as they are; else y = x·Wᵀ + b with parameters of the state's name, <c>h_l0.weight</c> [to, from] and
/// <c>h_l0.bias</c> [to]. Without an encoder the network's inputs [D] are the decoder's input at its first step, and no state is handed on.
/// </para>
/// </remarks>
public sealed unsafe class BridgeLayer : Layer
{
    private readonly BridgeLink[] _links;
    private readonly bool _hasEncoder;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">What the decoder reads.</param>
    /// <param name="input">What the encoder gives, or without one the network's input.</param>
    /// <param name="encoder">The layers before this one.</param>
    /// <param name="decoder">The layers after this one.</param>
    /// <exception cref="ShapeException">The encoder ends with neither states nor features, or the decoder has no recurrent layer.</exception>
    internal BridgeLayer(int index, BridgeSpec spec, Shape input, IReadOnlyList<Layer> encoder, IReadOnlyList<Layer> decoder)
        : base(index, spec.Name ?? "bridge", "bridge", input, spec.DecoderInput)
    {
        TeacherForcing = spec.TeacherForcing;
        _hasEncoder = encoder.Count > 0;
        Layer target = decoder.FirstOrDefault(layer => layer.States.Count > 0)
            ?? throw new ShapeException(ToString(), "decoder", "a recurrent layer", "none", "Give the decoder an rnn, lstm or gru.");
        _links = _hasEncoder ? [.. BridgeLink.Between(this, encoder[^1], target)] : [];
        if (!_hasEncoder && (spec.DecoderInput.Rank != 2 || input.Rank != 1 || input[0] != spec.DecoderInput[1]))
            throw new ShapeException(ToString(), "inputs", $"features, as many as the decoder reads at a step of {spec.DecoderInput}, since there is no encoder", $"{input}", "Give the encoder layers.");
        Parameters = [.. _links.SelectMany(link => link.Parameters)];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    /// <summary>Whether the decoder is trained on the teacher's sequence.</summary>
    public bool TeacherForcing { get; }

    /// <summary>Whether the decoder reads tokens [U], of which there is no gradient; else values [U, D].</summary>
    public bool ReadsTokens => Output.Rank == 1;

    /// <summary>U, steps of the decoder.</summary>
    public int Steps => Output[0];

    /// <summary>Whether a state's last value goes to the decoder.</summary>
    internal bool HandsOn(int layer, int state) => _links.Any(link => !link.IsOfFeatures && link.FromLayer == layer && link.FromState == state);

    /// <summary>Whether a state's first value comes from the encoder.</summary>
    internal bool Fills(int layer, int state) => _links.Any(link => link.ToLayer == layer && link.ToState == state);

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) => new BridgeContext(_links, parameters, maximumSamples);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var bridge = (BridgeContext)context;
        for (int i = 0; i < _links.Length; i++)
        {
            BridgeLink link = _links[i];
            float* from = link.IsOfFeatures ? input : pass.State(link.FromLayer, link.FromState).Carried;
            float* to = pass.State(link.ToLayer, link.ToState).Initial;
            if (link.Map is { } map)
                map.Forward(pass, bridge.Maps[i], from, to);
            else
                Copy(from, to, (long)pass.Samples * link.ToWidth);
        }
        ReadTeacher(pass, input, output);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var bridge = (BridgeContext)context;
        if (inputGradient is not null)
            new Span<float>(inputGradient, checked(pass.Samples * Input.Length)).Clear();
        if (!_hasEncoder)
        {
            for (int sample = 0; sample < pass.Samples && inputGradient is not null; sample++)
                Copy(outputGradient + ((long)sample * Output.Length), inputGradient + ((long)sample * Input.Length), Input.Length);
            return;
        }
        for (int i = 0; i < _links.Length; i++)
        {
            BridgeLink link = _links[i];
            float* from = link.IsOfFeatures ? input : pass.State(link.FromLayer, link.FromState).Carried;
            float* gradient = link.IsOfFeatures ? inputGradient : pass.State(link.FromLayer, link.FromState).CarriedGradient;
            float* given = pass.State(link.ToLayer, link.ToState).InitialGradient;
            long count = (long)pass.Samples * link.FromWidth;
            // The first link of a source writes, those after it add, in the order of the decoder's levels.
            float* part = link.IsFirstOfSource || gradient is null ? gradient : bridge.Part;
            if (link.Map is { } map)
                map.Backward(pass, bridge.Maps[i], from, output, given, part);
            else if (part is not null)
                Copy(given, part, count);
            if (part != gradient)
                VectorMath.Add(gradient, part, count);
        }
    }

    // Step 0 is the teacher's, or without an encoder the network's input, or without either +0 or the token to begin with; what comes after it is the teacher's, or
    // +0 for the decoder to fill in.
    private void ReadTeacher(Pass pass, float* input, float* output)
    {
        long count = (long)pass.Samples * Output.Length;
        if (pass.Teacher is not null)
            Copy(pass.Teacher, output, count);
        else
            new Span<float>(output, checked((int)count)).Clear();
        for (int sample = 0; sample < pass.Samples && ReadsTokens && pass.Teacher is null; sample++)
            output[(long)sample * Steps] = pass.BeginToken;
        for (int sample = 0; sample < pass.Samples && !_hasEncoder; sample++)
            Copy(input + ((long)sample * Input.Length), output + ((long)sample * Output.Length), Input.Length);
    }

    private static void Copy(float* from, float* to, long count) => Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));
}
