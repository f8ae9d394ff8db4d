using Lockstep.Engine.Layers;
using Lockstep.Engine.Layers.Convolution;
using Lockstep.Engine.Layers.Normalization;
using Lockstep.Engine.Layers.Pooling;
using Lockstep.Engine.Layers.Recurrent;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Models;

/// <summary>
/// What a model is: its layers with their shapes, and where its parameters lie. It holds no numbers, so one network
/// serves every replica, the parameter server and whoever writes files.
/// </summary>
public sealed unsafe class Network
{
    private readonly ParameterDefinition[] _definitions;
    private readonly ParameterView[][] _byLayer;

    private Network(Shape input, IReadOnlyList<Layer> layers, int lanes)
    {
        Input = input;
        Layers = layers;
        Lanes = lanes;
        Output = layers[^1].Output;
        StateWidth = layers.SelectMany(layer => layer.States).Sum(state => state.Width);
        Bridge = layers.OfType<BridgeLayer>().FirstOrDefault();
        FollowsInput = true;
        foreach (Layer layer in layers)
        {
            layer.FollowsInput = FollowsInput;
            FollowsInput &= layer.KeepsSteps;
        }
        (Layer Layer, ParameterDefinition Definition)[] all =
        [
            .. layers
                .SelectMany(layer => layer.Parameters.Concat(layer.States.Where(_ => lanes > 0).Select(state => ParameterDefinition.CarriedState(state, lanes))).Select(definition => (Layer: layer, Definition: definition)))
                .OrderBy(pair => pair.Definition.Role),
        ];
        _definitions = [.. all.Select(pair => pair.Definition)];
        Layout = new ParameterLayout(all.Select(pair => new ParameterView(
            $"{pair.Layer.Name}.{pair.Definition.Name}", pair.Layer.Index, pair.Definition.Shape, 0, pair.Definition.IsBias,
            pair.Layer.Frozen && pair.Definition.Role != ParameterRole.CarriedState, pair.Layer.LearningRateFactor, pair.Definition.Role, pair.Definition.Momentum)));
        _byLayer = [.. layers.Select(layer => Layout.Parameters.Where(parameter => parameter.Layer == layer.Index).ToArray())];
    }

    /// <summary>Shape of a sample that comes in.</summary>
    public Shape Input { get; }

    /// <summary>Shape of a sample that goes out.</summary>
    public Shape Output { get; }

    /// <summary>Numbers of all states of all layers of one sample.</summary>
    public int StateWidth { get; }

    /// <summary>Lanes whose state is committed with every step; 0 where state is not carried on.</summary>
    public int Lanes { get; }

    /// <summary>Whether step t of the output belongs to step t of the input, so that passes may see windows of the sequences.</summary>
    public bool FollowsInput { get; }

    /// <summary>The seam of an encoder and a decoder; null where the network is one list of layers.</summary>
    public BridgeLayer? Bridge { get; }

    /// <summary>Where every parameter lies, by name.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The layers in the order in which they are applied.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Makes sure that a decoder's own output can be its next input, as metrics of whole sequences need it; nothing to make sure of in other networks.</summary>
    /// <exception cref="ShapeException">It cannot.</exception>
    public void RequireFreeRun()
    {
        if (Bridge is { } bridge && Decoding.CannotFeed(bridge, Output, [.. Layers.Skip(bridge.Index + 1)]) is { } fault)
            throw fault;
    }

    /// <summary>Puts layers together, each with the shape that the one before it gives.</summary>
    /// <param name="layers">What the layers are; at least one.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="lanes">Samples of a minibatch whose states are carried from step to step; 0 where sequences begin anew in every step.</param>
    /// <exception cref="ShapeException">A layer cannot take what the one before it gives, or a state cannot be carried through one.</exception>
    /// <exception cref="ArgumentException">There is no layer, or two have one name.</exception>
    public static Network Build(IReadOnlyList<LayerSpec> layers, Shape input, int lanes = 0)
    {
        if (layers.Count == 0)
            throw new ArgumentException("A network has at least one layer.", nameof(layers));
        var built = new Layer[layers.Count];
        int seam = -1;
        Shape shape = input;
        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i] is BridgeSpec reads && seam < 0)
            {
                (seam, shape) = (i, reads.DecoderInput);
                continue;
            }
            built[i] = Build(layers[i], i, shape);
            shape = built[i].Output;
        }
        if (seam >= 0)
            built[seam] = Decoding.Join((BridgeSpec)layers[seam], seam == 0 ? input : built[seam - 1].Output, built[..seam], built[(seam + 1)..]);
        var names = new Dictionary<string, int>();
        foreach (Layer layer in built)
        {
            if (!names.TryAdd(layer.Name, layer.Index))
                throw new ArgumentException($"Layers {names[layer.Name]} and {layer.Index} are both called '{layer.Name}'. Rename one.", nameof(layers));
        }
        if (lanes > 0 && Array.Find(built, layer => !layer.KeepsSteps) is { } cut)
            throw new ShapeException(cut.ToString(), "steps", "as many as it is given, since the sequences are trained in chunks", cut.Output.ToString(), "Leave truncatedBptt out, or this layer.");
        return new Network(input, built, lanes);
    }

    /// <summary>The parameters of one layer, in the order of the flat buffer.</summary>
    public IReadOnlyList<ParameterView> ParametersOf(int layer) => _byLayer[layer];

    /// <summary>Writes every parameter's first value, and +0 into all padding.</summary>
    /// <param name="parameters">Base of a flat buffer, [Layout.Length].</param>
    /// <param name="seed">The job's seed.</param>
    public void Initialize(float* parameters, ulong seed)
    {
        for (long i = 0; i < Layout.Length; i++)
            parameters[i] = 0;
        for (int i = 0; i < _definitions.Length; i++)
            ParameterInitialization.Fill(_definitions[i], i, seed, parameters + Layout.Parameters[i].Offset, Layout.Parameters[i].Length);
    }

    private static Layer Build(LayerSpec spec, int index, Shape input) => spec switch
    {
        DenseSpec dense => new DenseLayer(index, dense, input),
        PerceptronSpec perceptron => new PerceptronLayer(index, perceptron, input),
        LeakyReluSpec leaky => new LeakyReluLayer(index, leaky, input),
        SoftmaxSpec => new SoftmaxLayer(index, spec.Name, input),
        FlattenSpec => new FlattenLayer(index, spec.Name, input),
        EmbeddingSpec embedding => new EmbeddingLayer(index, embedding, input),
        RnnSpec rnn => new RnnLayer(index, rnn, input),
        LstmSpec lstm => new LstmLayer(index, lstm, input),
        GruSpec gru => new GruLayer(index, gru, input),
        LastStepSpec => new LastStepLayer(index, spec.Name, input),
        RepeatSpec repeat => new RepeatLayer(index, repeat, input),
        DropoutSpec dropout => new DropoutLayer(index, dropout, input),
        BatchNormSpec norm => new BatchNormLayer(index, norm, input),
        Conv2dSpec convolution => new Conv2dLayer(index, convolution, input),
        TransposedConv2dSpec transposed => new TransposedConv2dLayer(index, transposed, input),
        LocallyConnected2dSpec local => new LocallyConnected2dLayer(index, local, input),
        TimeDelaySpec timeDelay => new TimeDelayLayer(index, timeDelay, input),
        MaxPool2dSpec pool => new MaxPool2dLayer(index, pool, input),
        AveragePool2dSpec pool => new AveragePool2dLayer(index, pool, input),
        LocalResponseNormSpec norm => new LocalResponseNormLayer(index, norm, input),
        ActivationSpec { Kind: ActivationKind.Identity } => new IdentityLayer(index, spec.Name, input),
        ActivationSpec { Kind: ActivationKind.Relu } => new ReluLayer(index, spec.Name, input),
        ActivationSpec { Kind: ActivationKind.Sigmoid } => new SigmoidLayer(index, spec.Name, input),
        ActivationSpec { Kind: ActivationKind.Tanh } => new TanhLayer(index, spec.Name, input),
        _ => throw new NotSupportedException($"There is no layer {spec}."),
    };
}
