namespace Lockstep.Engine.Specifications;

/// <summary>y = (x − mean)/√(variance + ε)·weight + bias by channel, with the statistics of a leaf's samples in training and running ones else.</summary>
/// <param name="Momentum">m in running ← (1 − m)·running + m·(the minibatch's).</param>
/// <param name="Epsilon">ε, above 0.</param>
public sealed record BatchNormSpec(float Momentum = 0.1f, float Epsilon = 1e-5f) : ParameterizedLayerSpec;
