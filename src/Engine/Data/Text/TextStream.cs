namespace Lockstep.Engine.Data.Text;

/// <summary>
/// A text as one long run of tokens, from which each next one is to be predicted. It shares its tokens with the streams that are cut from it.
/// </summary>
public sealed class TextStream
{
    private readonly int[] _tokens;
    private readonly int _start;

    private TextStream(string name, Vocabulary vocabulary, int[] tokens, int start, int count, string fingerprint)
    {
        Name = name;
        Vocabulary = vocabulary;
        _tokens = tokens;
        _start = start;
        Count = count;
        Fingerprint = fingerprint;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>All tokens that the files have, those of validation files too.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>How many tokens the stream has.</summary>
    public int Count { get; }

    /// <summary>See <see cref="DataFingerprint"/>: of the stream's files in their order.</summary>
    public string Fingerprint { get; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(_start, Count);

    /// <summary>Reads files, gzipped or not, one behind the other; each is cut into tokens by itself.</summary>
    /// <param name="path">A file, or several: see <see cref="FilePattern"/>.</param>
    /// <param name="unit">What a token is.</param>
    /// <exception cref="DataException">A file is missing, or is not UTF-8 text.</exception>
    public static TextStream Read(string path, TextUnit unit) => Read(path, null, unit).Training;

    /// <summary>Reads what is trained on and what it is judged by, with one vocabulary for both.</summary>
    /// <param name="training">As for one stream.</param>
    /// <param name="validation">Likewise; null for none.</param>
    /// <param name="unit">What a token is.</param>
    /// <exception cref="DataException">A file is missing, or is not UTF-8 text.</exception>
    public static (TextStream Training, TextStream? Validation) Read(string training, string? validation, TextUnit unit)
    {
        var collector = new TokenCollector(unit, training);
        string fingerprint = AddFiles(collector, training);
        int trained = collector.Count;
        string? second = validation is null ? null : AddFiles(collector, validation);
        (Vocabulary vocabulary, int[] tokens) = collector.Finish();
        return (
            new TextStream(training, vocabulary, tokens, 0, trained, fingerprint),
            second is null ? null : new TextStream(validation!, vocabulary, tokens, trained, tokens.Length - trained, second));
    }

    /// <summary>The first tokens, or all where there are fewer.</summary>
    public TextStream First(int tokens) => new(Name, Vocabulary, _tokens, _start, Math.Min(tokens, Count), Fingerprint);

    /// <summary>Cuts the last ⌊fraction·n⌋ of the n tokens off for validation; the product is taken in decimal.</summary>
    /// <exception cref="DataException">The fraction is not between 0 and 1.</exception>
    public (TextStream Training, TextStream Validation) Cut(double fraction)
    {
        DataParts.RequireFraction(Name, fraction);
        int last = DataParts.Share(fraction, Count);
        return (
            new TextStream($"{Name} (training part)", Vocabulary, _tokens, _start, Count - last, Fingerprint),
            new TextStream($"{Name} (validation part)", Vocabulary, _tokens, _start + Count - last, last, Fingerprint));
    }

    /// <summary>
    /// The stream in lanes side by side: sample i has tokens i·L to (i + 1)·L − 1 as inputs [L], and the tokens one further on as its target classes, with
    /// L = ⌊(n − 1)/lanes⌋. Up to <paramref name="lanes"/> tokens at the end are left over.
    /// </summary>
    /// <exception cref="DataException">There are not tokens enough.</exception>
    public DataSet AsLanes(int lanes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        int length = (Count - 1) / lanes;
        if (Count < 2 || length < 1)
            throw new DataException(Name, $"Its {Count} tokens are too few for {lanes} lanes.", "Use a smaller training.batch, or more text.");
        var sequence = new SequenceParts
        {
            InputsAreTokens = true,
            IsStream = true,
            Vocabulary = Vocabulary,
            VocabularySize = Vocabulary.Count,
            TargetVocabulary = Vocabulary,
        };
        return new DataSet(Name, [length], new TokenInputs(_tokens, _start), lanes, new StepClasses(_tokens, _start + 1, length), Vocabulary.Texts, sequence, Fingerprint);
    }

    private static string AddFiles(TokenCollector collector, string path)
    {
        using var fingerprint = new DataFingerprint();
        foreach (string file in FilePattern.Require(path))
        {
            byte[] content = PackedFile.ReadAll(file);
            fingerprint.Add(content);
            collector.Add(content, file);
        }
        return fingerprint.Finish();
    }
}
