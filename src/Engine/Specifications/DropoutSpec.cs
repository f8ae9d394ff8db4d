namespace Lockstep.Engine.Specifications;

/// <summary>
/// In training each number is zero with a probability, drawn anew for every sample and step. Inverted: what is left is divided by 1 − rate in training;
/// else everything is multiplied by 1 − rate outside training.
/// </summary>
/// <param name="Rate">The probability of being left out, from 0 up to, not including, 1.</param>
/// <param name="Inverted">Whether training makes up for what is left out.</param>
public sealed record DropoutSpec(float Rate, bool Inverted = true) : LayerSpec;
