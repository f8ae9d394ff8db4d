namespace Lockstep.Engine.Randomness;

/// <summary>What a random number is for. Part of its key, so the numbers are fixed for ever.</summary>
public enum RandomPurpose
{
    InitialWeights = 1,
    Shuffle = 2,
    Dropout = 3,
    Augmentation = 4,
    Sampling = 5,
    MadeData = 6,
    Chaos = 7,
}
