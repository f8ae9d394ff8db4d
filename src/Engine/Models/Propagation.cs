using Lockstep.Engine.Layers;
using Lockstep.Engine.Losses;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Models;

/// <summary>
/// The forward and backward passes of one replica, a layer at a time, and all memory that they need. A pass is
/// <see cref="Begin"/>, <see cref="Forward"/> of every layer, <see cref="EvaluateLoss"/>, <see cref="Backward"/> of
/// every layer from the last.
/// </summary>
internal sealed unsafe class Propagation : IDisposable
{
    private readonly Network _network;
    private readonly Loss _loss;
    private readonly LayerContext[] _contexts;
    private readonly FloatBuffer?[] _outputs;
    private readonly FloatBuffer _gradient;
    private readonly FloatBuffer _otherGradient;
    // Entry i is the input of layer i, entry i + 1 its output.
    private readonly nint[] _activations;
    private float* _outputGradient;
    private bool _gradientIsFirst;
    private readonly StateSlots _states;
    private readonly DecoderLoop? _loop;
    private bool _freeRuns;
    private bool _loopIsBack;

    public Propagation(Network network, Loss loss, int maximumSamples, ComputeCrew crew)
    {
        _network = network;
        _loss = loss;
        Pass = new Pass(crew);
        _states = new StateSlots(network, maximumSamples);
        Pass.KeepStates(_states);
        int layers = network.Layers.Count;
        _contexts = new LayerContext[layers];
        _outputs = new FloatBuffer?[layers];
        _activations = new nint[layers + 1];
        long widest = network.Output.Length;
        for (int i = 0; i < layers; i++)
        {
            Layer layer = network.Layers[i];
            _contexts[i] = layer.CreateContext(network.ParametersOf(i), maximumSamples);
            _outputs[i] = layer.PassesThrough || TakesInputsPlace(i) ? null : new FloatBuffer((long)maximumSamples * layer.Output.Length);
            widest = Math.Max(widest, Math.Max(layer.Input.Length, layer.Output.Length));
        }
        _gradient = new FloatBuffer(maximumSamples * widest);
        _otherGradient = new FloatBuffer(maximumSamples * widest);
        _loop = network.Bridge is null ? null : new DecoderLoop(network, _contexts, _activations, maximumSamples);
        FirstTrainable = network.Layers.FirstOrDefault(layer => layer.Parameters.Count > 0 && !layer.Frozen)?.Index ?? layers;
    }

    public Pass Pass { get; }

    /// <summary>The first layer whose parameters train: no gradient is needed below its own; the number of layers if none does.</summary>
    public int FirstTrainable { get; }

    /// <summary>[N, output shape of the network], after all layers' forward passes.</summary>
    public float* Result => (float*)_activations[^1];

    /// <summary>What the layers carry from step to step.</summary>
    public StateSlots States => _states;

    /// <summary>The gradient of what the last <see cref="Backward"/> was given as input; at first the loss's.</summary>
    public float* Gradient => _outputGradient;

    public float* OutputOf(int layer) => (float*)_activations[layer + 1];

    /// <summary>The decoder that reads its own output; null where the network has none.</summary>
    public DecoderLoop? Loop => _loop;

    /// <param name="phase">What the pass is for.</param>
    /// <param name="batch">Its samples.</param>
    /// <param name="freeRuns">Whether a decoder reads its own output even where it is trained on a teacher's.</param>
    public void Begin(Phase phase, in Batch batch, bool freeRuns = false)
    {
        Pass.Begin(phase, batch);
        _freeRuns = _network.Bridge is { } bridge && (freeRuns || !bridge.TeacherForcing);
        _activations[0] = (nint)batch.Inputs;
    }

    /// <summary>Fills in the states; after the pass has been cut into nodes.</summary>
    public void BeginStates(in Batch batch) => _states.Begin(Pass, batch);

    public void Forward(int layer)
    {
        float* output = Place(layer);
        if (_freeRuns && _loop!.Has(layer))
        {
            // All layers go together, step by step, when the first one's turn comes.
            if (layer == _network.Bridge!.Index + 1)
                FreeRun();
        }
        else if (!_network.Layers[layer].PassesThrough)
            _network.Layers[layer].Forward(Pass, _contexts[layer], (float*)_activations[layer], output);
    }

    /// <summary>Lets the decoder go anew from what it begins with, reading its own output, after all layers' forward passes.</summary>
    public void FreeRun()
    {
        for (int layer = _network.Bridge!.Index + 1; layer < _network.Layers.Count; layer++)
            Place(layer);
        _loop!.Forward(Pass);
    }

    public void EvaluateLoss(in Batch batch, double* losses, double* terms)
    {
        _outputGradient = _gradient.Pointer;
        _gradientIsFirst = true;
        _loopIsBack = false;
        _loss.Evaluate(Pass.Crew, batch, Result, losses, terms, _outputGradient);
    }

    /// <summary>Goes back through one layer; returns whether there was anything to compute.</summary>
    /// <param name="layer">The layer, one less at every call.</param>
    /// <param name="toInputs">Whether the gradient with respect to the network's inputs is wanted.</param>
    public bool Backward(int layer, bool toInputs)
    {
        if (_network.Layers[layer].PassesThrough || (layer < FirstTrainable && !toInputs))
            return false;
        if (_freeRuns && _loop!.Has(layer))
        {
            if (!_loopIsBack)
                _loop.Backward(Pass, _outputGradient);
            _loopIsBack = true;
            _loop.SumGradients(Pass, layer);
            _outputGradient = _loop.InputGradientOf(layer);
            return true;
        }
        bool isAsked = toInputs || layer > FirstTrainable;
        bool inPlace = _network.Layers[layer].WorksInPlace;
        float* inputGradient = !isAsked ? null : inPlace ? _outputGradient : _gradientIsFirst ? _otherGradient.Pointer : _gradient.Pointer;
        _network.Layers[layer].Backward(
            Pass, _contexts[layer], (float*)_activations[layer], OutputOf(layer), _outputGradient, inputGradient);
        _outputGradient = inputGradient;
        _gradientIsFirst ^= !inPlace;
        return true;
    }

    /// <summary>Asks layers how they fared, after all have gone back.</summary>
    /// <param name="slots">Which layers.</param>
    /// <param name="values">[slots, stride].</param>
    /// <param name="stride">From one slot to the next.</param>
    public void Diagnose(DiagnosticSlots slots, double* values, int stride)
    {
        foreach ((Layer layer, IDiagnosed diagnosed, int first) in slots.Entries)
            diagnosed.Diagnose(Pass, _contexts[layer.Index], OutputOf(layer.Index), values + ((long)first * stride), stride);
    }

    public void Dispose()
    {
        _loop?.Dispose();
        foreach (LayerContext context in _contexts)
            context.Dispose();
        foreach (FloatBuffer? output in _outputs)
            output?.Dispose();
        _states.Dispose();
        _gradient.Dispose();
        _otherGradient.Dispose();
    }

    // Never the network's own input, which is the caller's; nor in a decoder, whose layers go together where it reads its own output: each one's is looked at after that where numbers are not finite.
    private bool TakesInputsPlace(int layer) => layer > 0 && !(_network.Bridge is { } bridge && layer > bridge.Index) && _outputs[layer - 1] is not null
        && _network.Layers[layer].WorksInPlace && !_network.Layers[layer - 1].KeepsOutput;

    // Where a layer's output goes: to a buffer of its own, or where its input is.
    private float* Place(int layer)
    {
        float* output = _outputs[layer] is { } own ? own.Pointer : (float*)_activations[layer];
        _activations[layer + 1] = (nint)output;
        return output;
    }
}
