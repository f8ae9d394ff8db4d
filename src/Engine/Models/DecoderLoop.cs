using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Models;

/// <summary>
/// A decoder that reads its own output: step by step through all its layers, forward and, of values, back through the feedback too. Of tokens the next input is
/// one that is chosen by the output, the first of the largest unless a <see cref="TokenSampler"/> draws it; no gradient goes through the choice.
/// </summary>
internal sealed unsafe class DecoderLoop : IDisposable
{
    private readonly BridgeLayer _bridge;
    private readonly Layer[] _layers;
    private readonly LayerContext[] _contexts;
    private readonly nint[] _activations;
    private readonly int _maximumSamples;
    private readonly int _width;
    // Entry i is the gradient of the decoder's layer i's input, entry i + 1 of its output. What goes in and out of a layer that passes through is one.
    private readonly nint[] _gradients;
    private readonly FloatBuffer?[] _buffers;

    /// <param name="network">With a bridge.</param>
    /// <param name="contexts">The memory of all layers of the network.</param>
    /// <param name="activations">Entry i is the input of the network's layer i, entry i + 1 its output.</param>
    /// <param name="maximumSamples">The most samples that a pass may have.</param>
    public DecoderLoop(Network network, LayerContext[] contexts, nint[] activations, int maximumSamples)
    {
        _bridge = network.Bridge!;
        _layers = [.. network.Layers.Skip(_bridge.Index + 1)];
        _contexts = contexts;
        _activations = activations;
        _maximumSamples = maximumSamples;
        _width = network.Output[1];
        _gradients = new nint[_layers.Length + 1];
        _buffers = new FloatBuffer?[_layers.Length];
    }

    /// <summary>Draws the tokens; null for the first of the largest.</summary>
    public TokenSampler? Sampler { get; set; }

    /// <summary>Whether a layer of the network is one of the decoder's.</summary>
    public bool Has(int layer) => layer > _bridge.Index;

    /// <summary>All steps of all layers. What the decoder reads at the first step lies in the bridge's output; the rest of it is written.</summary>
    public void Forward(Pass pass)
    {
        for (int step = 0; step < _bridge.Steps; step++)
        {
            foreach (Layer layer in _layers)
            {
                if (layer is ISteppedLayer stepped && !layer.PassesThrough)
                    stepped.ForwardStep(pass, _contexts[layer.Index], Activation(layer.Index), Activation(layer.Index + 1), step);
            }
            if (step + 1 < _bridge.Steps)
                Feed(pass, step);
        }
    }

    /// <summary>The token that the output of a step stands for.</summary>
    public int TokenAt(int sample, int step)
    {
        float* output = Activation(_activations.Length - 1) + ((((long)sample * _bridge.Steps) + step) * _width);
        return Sampler is { } sampler ? sampler.Draw(output, _width, sample, step) : TokenSampler.Largest(output, _width);
    }

    /// <summary>All steps of all layers back, but for the parameters' gradients.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="outputGradient">∂L/∂output of the network, [N, U, …]; receives what comes back through the feedback too.</param>
    public void Backward(Pass pass, float* outputGradient)
    {
        _gradients[^1] = (nint)outputGradient;
        for (int i = _layers.Length - 1; i >= 0; i--)
            _gradients[i] = _layers[i].PassesThrough ? _gradients[i + 1] : i == 0 && _bridge.ReadsTokens ? 0 : (nint)(_buffers[i] ??= new FloatBuffer((long)_maximumSamples * _layers[i].Input.Length)).Pointer;
        for (int step = _bridge.Steps - 1; step >= 0; step--)
        {
            if (!_bridge.ReadsTokens && step + 1 < _bridge.Steps)
                FeedBack(pass, step);
            for (int i = _layers.Length - 1; i >= 0; i--)
            {
                int layer = _layers[i].Index;
                if (_layers[i] is ISteppedLayer stepped && !_layers[i].PassesThrough)
                    stepped.BackwardStep(pass, _contexts[layer], Activation(layer), Activation(layer + 1), OutputGradientOf(layer), InputGradientOf(layer), step);
            }
        }
    }

    /// <summary>The gradients of one layer's parameters, after <see cref="Backward"/>.</summary>
    public void SumGradients(Pass pass, int layer)
    {
        if (_layers[layer - _bridge.Index - 1] is ISteppedLayer stepped)
            stepped.SumGradients(pass, _contexts[layer], Activation(layer), OutputGradientOf(layer));
    }

    /// <summary>∂L/∂input of one layer, after <see cref="Backward"/>; null where the decoder reads tokens there.</summary>
    public float* InputGradientOf(int layer) => (float*)_gradients[layer - _bridge.Index - 1];

    public void Dispose()
    {
        foreach (FloatBuffer? buffer in _buffers)
            buffer?.Dispose();
    }

    private float* OutputGradientOf(int layer) => (float*)_gradients[layer - _bridge.Index];

    private float* Activation(int index) => (float*)_activations[index];

    private void Feed(Pass pass, int step)
    {
        float* input = Activation(_bridge.Index + 1), output = Activation(_activations.Length - 1);
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long row = ((long)sample * _bridge.Steps) + step;
            if (_bridge.ReadsTokens)
                input[row + 1] = TokenAt(sample, step);
            else
                Buffer.MemoryCopy(output + (row * _width), input + ((row + 1) * _width), _width * sizeof(float), _width * sizeof(float));
        }
    }

    private void FeedBack(Pass pass, int step)
    {
        float* outputGradient = (float*)_gradients[^1], inputGradient = (float*)_gradients[0];
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            long row = ((long)sample * _bridge.Steps) + step;
            VectorMath.Add(outputGradient + (row * _width), inputGradient + ((row + 1) * _width), _width);
        }
    }
}
