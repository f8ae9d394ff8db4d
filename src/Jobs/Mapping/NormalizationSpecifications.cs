using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What dropout and batch normalization mean for the engine.</summary>
internal static class NormalizationSpecifications
{
    public static DropoutSpec Of(DropoutLayer dropout) => new((float)dropout.Rate, dropout.Inverted) { Name = dropout.Name };

    public static BatchNormSpec Of(BatchNormLayer norm) => new((float)norm.Momentum, (float)norm.Epsilon)
    {
        Name = norm.Name,
        Initializer = JobSpecifications.Start(norm.Initializer),
        BiasInitializer = JobSpecifications.Start(norm.BiasInitializer),
        Frozen = norm.Frozen,
        LearningRateFactor = (float)norm.LearningRateFactor,
    };
}
