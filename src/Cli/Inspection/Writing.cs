using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>How a model that writes chooses its tokens.</summary>
/// <param name="Temperature">0 takes the first of the likeliest; above 0 it is drawn.</param>
/// <param name="Seed">What is drawn follows from it.</param>
internal readonly record struct Choice(double Temperature, ulong Seed)
{
    /// <summary>Draws the tokens of a network; null for the first of the largest.</summary>
    public TokenSampler? SamplerOf(Network network) => Temperature == 0 ? null : new TokenSampler(Seed, Temperature, NextTokens.GivesProbabilities(network));
}

/// <summary>What saved models write: text that goes on, and sentences about what they have read.</summary>
internal static unsafe class Writing
{
    /// <summary>A text and so many tokens that go on from it.</summary>
    /// <param name="plan">A model of a text.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="prime">Where it begins; empty for a line's end, or where the text has none, for its first token in the order of the vocabulary.</param>
    /// <param name="length">How many tokens are written.</param>
    /// <param name="choice">How they are chosen.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    /// <exception cref="DataException">A token of <paramref name="prime"/> is not in the vocabulary.</exception>
    public static string GoOn(TrainingPlan plan, float* parameters, string prime, int length, Choice choice, int threads)
    {
        Vocabulary vocabulary = plan.Data.Training.Vocabulary
            ?? throw new DataException(plan.Data.Training.Name, "Its tokens have no texts.", "Use a model that was trained on text or pairs.");
        int[] read = prime.Length > 0 ? vocabulary.Encode(prime, "--prime") : [Math.Max(0, vocabulary.Find("\n"))];
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(plan.Network, plan.Loss, [], 1, crew);
        replica.UseParameters(parameters, version: 0);
        using var next = new NextTokens(plan.Network, replica, choice.SamplerOf(plan.Network));
        next.Read(read);
        var tokens = new List<int>(prime.Length > 0 ? read : []);
        for (int i = 0; i < length; i++)
            tokens.Add(next.Next());
        return vocabulary.Decode(tokens.ToArray());
    }

    /// <summary>The sentence that a decoder writes to another.</summary>
    /// <param name="plan">A model of pairs.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="source">What it reads.</param>
    /// <param name="choice">How tokens are chosen.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    /// <exception cref="DataException">The source is longer than any that the model was trained on, or has a token that none of them has.</exception>
    public static string Answer(TrainingPlan plan, float* parameters, string source, Choice choice, int threads)
    {
        DataSet data = plan.Data.Training;
        Vocabulary vocabulary = data.Vocabulary ?? throw new DataException(data.Name, "Its tokens have no texts.", "Use a model that was trained on pairs.");
        int[] tokens = [.. vocabulary.Encode(source, "--prime"), .. vocabulary.EndToken >= 0 ? [vocabulary.EndToken] : Array.Empty<int>()];
        int steps = data.InputShape[0];
        if (tokens.Length > steps)
            throw new DataException("--prime", $"The sentence has {tokens.Length} tokens with its end, and the model reads {steps}.", "Give a shorter one.");
        float[] inputs = new float[steps], mask = new float[steps];
        for (int i = 0; i < tokens.Length; i++)
            (inputs[i], mask[i]) = (tokens[i], 1);
        return Sentence(plan, parameters, inputs, mask, choice, threads);
    }

    /// <summary>The sentence that a decoder writes to an input, up to its end, at most as long as the longest that it was trained on.</summary>
    /// <param name="plan">A model with a decoder.</param>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="inputs">One sample before the transforms.</param>
    /// <param name="mask">Which of its steps are there; null for all.</param>
    /// <param name="choice">How tokens are chosen.</param>
    /// <param name="threads">Compute threads; they change no bit.</param>
    public static string Sentence(TrainingPlan plan, float* parameters, float[] inputs, float[]? mask, Choice choice, int threads)
    {
        DataSet data = plan.Data.Training;
        Vocabulary vocabulary = data.TargetVocabulary ?? throw new DataException(data.Name, "Its targets are no sentences.", "Use a model that was trained on pairs or captions.");
        using var crew = new ComputeCrew(threads);
        using var replica = new Replica(plan.Network, plan.Loss, [], 1, crew);
        replica.UseParameters(parameters, version: 0);
        using var sample = new FloatBuffer(inputs.Length);
        using var transformed = new FloatBuffer(plan.Transforms.OutputLength);
        inputs.CopyTo(sample.Span);
        plan.Transforms.Apply(sample.Pointer, transformed.Pointer, SampleVisit.Evaluation);
        int[] tokens = new int[plan.Network.Output[0]];
        fixed (int* chosen = tokens)
        fixed (float* there = mask)
            replica.Decode(new Batch { Inputs = transformed.Pointer, Count = 1, InputMask = there }, null, chosen, Math.Max(0, vocabulary.BeginToken), choice.SamplerOf(plan.Network));
        int end = Array.IndexOf(tokens, vocabulary.EndToken);
        return vocabulary.Decode(end < 0 ? tokens : tokens.AsSpan(0, end));
    }
}
