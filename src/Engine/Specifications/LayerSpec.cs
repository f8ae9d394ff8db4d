namespace Lockstep.Engine.Specifications;

/// <summary>What a layer of a network is, before its input's shape is known. One record per kind of layer.</summary>
public abstract record LayerSpec
{
    /// <summary>The layer's own name; null where it goes by its index.</summary>
    public string? Name { get; init; }
}

/// <summary>What all layers with parameters have in common.</summary>
public abstract record ParameterizedLayerSpec : LayerSpec
{
    /// <summary>How weights start; null for uniform ±1/√fanIn.</summary>
    public InitializerSpec? Initializer { get; init; }

    /// <summary>How biases start; null for uniform ±1/√fanIn.</summary>
    public InitializerSpec? BiasInitializer { get; init; }

    /// <summary>Whether updates leave the layer alone.</summary>
    public bool Frozen { get; init; }

    /// <summary>What the learning rate is multiplied by for this layer.</summary>
    public float LearningRateFactor { get; init; } = 1;
}

/// <summary>y = x·Wᵀ + b with W [units, in] and b [units].</summary>
public sealed record DenseSpec(int Units, bool Bias = true) : ParameterizedLayerSpec;

/// <summary>A dense layer with the output sign(x·Wᵀ + b), sign(0) = +1.</summary>
public sealed record PerceptronSpec(int Units = 1) : ParameterizedLayerSpec;

/// <summary>An element-wise function.</summary>
public sealed record ActivationSpec(ActivationKind Kind) : LayerSpec;

/// <summary>x where x is above zero, else slope·x; the slope is at least 0.</summary>
public sealed record LeakyReluSpec(float Slope = 0.01f) : LayerSpec;

/// <summary>exp(xᵢ)/Σⱼ exp(xⱼ) over the last axis.</summary>
public sealed record SoftmaxSpec : LayerSpec;

/// <summary>[N, …] → [N, product of …].</summary>
public sealed record FlattenSpec : LayerSpec;

/// <summary>The element-wise functions.</summary>
public enum ActivationKind
{
    Identity = 0,
    Relu = 1,
    Sigmoid = 2,
    Tanh = 3,
}
