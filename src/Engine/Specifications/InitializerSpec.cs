namespace Lockstep.Engine.Specifications;

/// <summary>How a parameter's first values are drawn.</summary>
public abstract record InitializerSpec;

/// <summary>Normal with mean 0 and the given standard deviation.</summary>
public sealed record GaussianInitializer(float StandardDeviation) : InitializerSpec;

/// <summary>Uniform on ±√(6/(fanIn + fanOut)) (Glorot and Bengio 2010, equation 16).</summary>
public sealed record XavierInitializer : InitializerSpec;

/// <summary>Normal with standard deviation √(2/fanIn) (He et al. 2015, equation 10).</summary>
public sealed record HeInitializer : InitializerSpec;

/// <summary>Uniform on ±<paramref name="Bound"/>.</summary>
public sealed record UniformInitializer(float Bound) : InitializerSpec;

/// <summary>Every value is <paramref name="Value"/>.</summary>
public sealed record ConstantInitializer(float Value) : InitializerSpec;
