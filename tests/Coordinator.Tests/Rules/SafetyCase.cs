using Lockstep.Coordinator.Tests.Model;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Tests.Rules;

/// <summary>What shows that a rule is needed.</summary>
/// <param name="Violation">A part of what is said when the rule is off.</param>
/// <param name="Scenario">Passes with all rules, and throws without the one.</param>
internal sealed record SafetyCase(string Violation, Action Scenario)
{
    /// <summary>Every interleaving of a small scenario.</summary>
    public static SafetyCase Exhaustive(string violation, ModelScenario scenario) => new(violation, () =>
    {
        Explored explored = Exploration.All(scenario);
        Assert.True(explored.Violation is null, explored.Violation);
    });

    /// <summary>Some histories of a larger one.</summary>
    public static SafetyCase Histories(string violation, ModelScenario scenario, int count) => new(violation, () =>
    {
        ModelTraining training = ModelCluster.TrainingOf(scenario);
        for (int seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            string? found = Exploration.One(scenario, training, Enumerable.Range(0, 60).Select(_ => (random.Next(5) == 0, random.Next(10_000))));
            Assert.True(found is null, found);
        }
    });

    /// <summary>A test that there is anyway.</summary>
    public static SafetyCase Test<T>(string violation, Action<T> test)
        where T : IDisposable, new() => new(violation, () =>
        {
            using var tests = new T();
            test(tests);
        });

    /// <summary>What is violated; null where nothing is.</summary>
    public string? Run()
    {
        try
        {
            Scenario();
            return null;
        }
        catch (Exception violation) when (violation is Xunit.Sdk.XunitException or ModelViolation)
        {
            return violation.Message;
        }
    }
}
