using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data.Sentences;

/// <summary>
/// Sentences of different lengths as tokens in rows of one length: each row is the sentence, then <see cref="Vocabulary.EndText"/>, and token 0 for the rest, which the
/// mask says to leave out.
/// </summary>
internal sealed class SentenceColumn
{
    /// <summary>The longest sentence, so that one row cannot make all of them too long.</summary>
    private const int MostTokens = 1 << 16;

    private readonly int[] _rows;
    private readonly int[] _lengths;

    private SentenceColumn(Vocabulary vocabulary, int steps, int[] rows, int[] lengths)
    {
        Vocabulary = vocabulary;
        Steps = steps;
        _rows = rows;
        _lengths = lengths;
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>The longest sentence's tokens, its end included.</summary>
    public int Steps { get; }

    /// <param name="sentences">Each with what messages call it.</param>
    /// <param name="unit">What a token is.</param>
    /// <param name="begins">Whether the vocabulary has <see cref="Vocabulary.BeginText"/> too.</param>
    /// <param name="source">The table.</param>
    /// <exception cref="DataException">A sentence is too long, or all together are.</exception>
    public static SentenceColumn Of(IReadOnlyList<(string Text, string Name)> sentences, TextUnit unit, bool begins, string source)
    {
        var collector = new TokenCollector(unit, source);
        int[] ends = new int[sentences.Count];
        int steps = 0, before = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            collector.Add(sentences[i].Text, sentences[i].Name);
            collector.AddSpecial(Vocabulary.EndText);
            ends[i] = collector.Count;
            int length = ends[i] - before;
            if (length > MostTokens)
                throw new DataException(sentences[i].Name, $"The sentence has {length} tokens; the longest that is read has {MostTokens}.", "Split it, or leave it out.");
            (steps, before) = (Math.Max(steps, length), ends[i]);
        }
        if (begins)
            collector.AddSpecial(Vocabulary.BeginText);
        if ((long)steps * ends.Length > Array.MaxLength)
            throw new DataException(source, $"{ends.Length} sentences filled up to the longest, of {steps} tokens, are too many numbers.", "Leave the longest sentences out, or split the table.");

        (Vocabulary vocabulary, int[] tokens) = collector.Finish();
        int[] rows = new int[steps * ends.Length];
        int[] lengths = new int[ends.Length];
        before = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            lengths[i] = ends[i] - before;
            tokens.AsSpan(before, lengths[i]).CopyTo(rows.AsSpan(i * steps));
            before = ends[i];
        }
        return new SentenceColumn(vocabulary, steps, rows, lengths);
    }

    public SampleInputs Mask => new LengthMask(_lengths);

    public SampleInputs Inputs => new TokenInputs(_rows);

    public StepClasses Targets => new(_rows, 0, Steps);

    /// <summary>What a decoder reads: begin, and then the sentence, one step later than it is to be said.</summary>
    public SampleInputs Teacher
    {
        get
        {
            int[] shifted = new int[_rows.Length];
            for (int i = 0; i < _lengths.Length; i++)
            {
                shifted[i * Steps] = Vocabulary.BeginToken;
                _rows.AsSpan(i * Steps, _lengths[i] - 1).CopyTo(shifted.AsSpan(i * Steps + 1));
            }
            return new TokenInputs(shifted);
        }
    }
}
