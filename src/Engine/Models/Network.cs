using Lockstep.Engine.Layers;
using Lockstep.Engine.Layers.Convolution;
using Lockstep.Engine.Layers.Normalization;
using Lockstep.Engine.Layers.Pooling;
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

    private Network(Shape input, IReadOnlyList<Layer> layers)
    {
        Input = input;
        Layers = layers;
        Output = layers[^1].Output;
        _definitions = [.. layers.SelectMany(layer => layer.Parameters)];
        Layout = new ParameterLayout(layers.SelectMany(layer => layer.Parameters.Select(parameter => new ParameterView(
            $"{layer.Name}.{parameter.Name}", layer.Index, parameter.Shape, 0, parameter.IsBias, layer.Frozen, layer.LearningRateFactor))));
        _byLayer = [.. layers.Select(layer => Layout.Parameters.Where(parameter => parameter.Layer == layer.Index).ToArray())];
    }

    /// <summary>Shape of a sample that comes in.</summary>
    public Shape Input { get; }

    /// <summary>Shape of a sample that goes out.</summary>
    public Shape Output { get; }

    /// <summary>Where every parameter lies, by name.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The layers in the order in which they are applied.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Puts layers together, each with the shape that the one before it gives.</summary>
    /// <param name="layers">What the layers are; at least one.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <exception cref="ShapeException">A layer cannot take what the one before it gives.</exception>
    /// <exception cref="ArgumentException">There is no layer, or two have one name.</exception>
    public static Network Build(IReadOnlyList<LayerSpec> layers, Shape input)
    {
        if (layers.Count == 0)
            throw new ArgumentException("A network has at least one layer.", nameof(layers));
        var built = new List<Layer>(layers.Count);
        var names = new Dictionary<string, int>();
        foreach (LayerSpec spec in layers)
        {
            Layer layer = Build(spec, built.Count, built.Count == 0 ? input : built[^1].Output);
            if (!names.TryAdd(layer.Name, layer.Index))
                throw new ArgumentException($"Layers {names[layer.Name]} and {layer.Index} are both called '{layer.Name}'. Rename one.", nameof(layers));
            built.Add(layer);
        }
        return new Network(input, built);
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
