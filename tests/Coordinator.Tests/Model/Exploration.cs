namespace Lockstep.Coordinator.Tests.Model;

/// <summary>What a walk through all histories of a scenario found.</summary>
/// <param name="States">Different states that were visited.</param>
/// <param name="Steps">Events that were tried.</param>
/// <param name="Ends">Different states in which nothing is left to happen by itself.</param>
/// <param name="Violation">What was violated first, with the history that led there; null where nothing was.</param>
internal sealed record Explored(int States, long Steps, int Ends, string? Violation);

/// <summary>Walks through histories of the model: all of a small scenario, or one of any.</summary>
internal static class Exploration
{
    private const int LongestHistory = 10_000;

    /// <summary>
    /// Every interleaving of a scenario, depth first. The product's parts cannot be copied, so the way back is to begin anew and to repeat the history; states that were
    /// visited on another way are not gone on from.
    /// </summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="mostStates">A bound: more states are a mistake in the scenario.</param>
    public static Explored All(ModelScenario scenario, int mostStates = 40_000)
    {
        ModelTraining training = ModelCluster.TrainingOf(scenario);
        var visited = new HashSet<UInt128>();
        var history = new List<ModelEvent>();
        var open = new Stack<(int Depth, ModelEvent Next)>();
        (long steps, int ends) = (0, 0);
        var cluster = new ModelCluster(scenario, training);
        var choices = new List<ModelEvent>();
        try
        {
            Visit();
            while (open.TryPop(out (int Depth, ModelEvent Next) branch))
            {
                if (branch.Depth < history.Count)
                {
                    history.RemoveRange(branch.Depth, history.Count - branch.Depth);
                    cluster = new ModelCluster(scenario, training);
                    foreach (ModelEvent before in history)
                        cluster.Apply(before);
                }
                history.Add(branch.Next);
                steps++;
                cluster.Apply(branch.Next);
                cluster.Check();
                Visit();
            }
            return new Explored(visited.Count, steps, ends, null);
        }
        catch (Exception violation) when (violation is not OutOfMemoryException)
        {
            return new Explored(visited.Count, steps, ends, Tell(violation, history));
        }

        void Visit()
        {
            if (!visited.Add(cluster.Fingerprint()))
                return;
            if (visited.Count > mostStates)
                throw new InvalidOperationException($"More than {mostStates} states: the scenario is too large.");
            cluster.Choices(choices);
            if (cluster.IsOver || !choices.Exists(choice => !choice.IsTrouble))
            {
                ends++;
                if (!cluster.IsOver)
                    throw new ModelViolation(cluster.Waits);
            }
            if (cluster.IsOver && !cluster.IsLed)
                return;
            foreach (ModelEvent choice in choices)
                open.Push((history.Count, choice));
        }
    }

    /// <summary>One history: trouble as the choices say, then quiet until nothing is left to happen.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="training">What it trains.</param>
    /// <param name="picks">Which of the things that may happen does, and whether it is trouble where there is a choice.</param>
    /// <returns>What was violated, with the history; null where nothing was.</returns>
    public static string? One(ModelScenario scenario, ModelTraining training, IEnumerable<(bool Trouble, int Choice)> picks)
    {
        var cluster = new ModelCluster(scenario, training);
        var history = new List<ModelEvent>();
        var choices = new List<ModelEvent>();
        try
        {
            foreach ((bool trouble, int choice) in picks)
            {
                cluster.Choices(choices);
                int fitting = choices.Count(each => each.IsTrouble == trouble);
                if (fitting > 0)
                    choices.RemoveAll(each => each.IsTrouble != trouble);
                if (choices.Count == 0 || cluster.IsOver)
                    break;
                Do(choices[choice % choices.Count]);
            }
            for (int turn = 0; !cluster.IsOver; turn++)
            {
                cluster.Choices(choices);
                choices.RemoveAll(each => each.IsTrouble);
                if (choices.Count == 0 || history.Count > LongestHistory)
                    throw new ModelViolation(cluster.Waits);
                Do(choices[turn % choices.Count]);
            }
            return null;
        }
        catch (Exception violation) when (violation is not OutOfMemoryException)
        {
            return Tell(violation, history);
        }

        void Do(ModelEvent next)
        {
            history.Add(next);
            cluster.Apply(next);
            cluster.Check();
        }
    }

    private static string Tell(Exception violation, List<ModelEvent> history) =>
        $"{(violation is ModelViolation ? "" : violation.GetType().Name + ": ")}{violation.Message}\nafter {string.Join(", ", history)}";
}
