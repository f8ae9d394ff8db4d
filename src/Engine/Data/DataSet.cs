namespace Lockstep.Engine.Data;

/// <summary>
/// Samples in a fixed order, each with an input and a target: a class, or values. All of it is in memory and never changes,
/// so that any number of threads may read; what cuts, picks or renumbers gives a view that shares the numbers.
/// </summary>
public sealed unsafe partial class DataSet
{
    /// <summary>The most classes that a data set may have.</summary>
    public const int MaximumClasses = 1 << 24;

    private readonly SampleInputs _inputs;
    private readonly int[]? _classes;
    private readonly float[]? _values;

    /// <summary>Which sample of the numbers each sample of the view is; null where they are the same.</summary>
    private readonly int[]? _samples;

    /// <summary>What each class of the numbers is called in the view; null where they are the same.</summary>
    private readonly int[]? _renumbered;

    internal DataSet(string name, IReadOnlyList<int> inputShape, SampleInputs inputs, int[] classes, IReadOnlyList<string> classNames, string fingerprint)
        : this(name, inputShape, inputs, classes.Length, fingerprint)
    {
        _classes = classes;
        ClassNames = classNames;
        TargetShape = [];
    }

    /// <summary>Samples whose targets have a class at every step.</summary>
    internal DataSet(string name, IReadOnlyList<int> inputShape, SampleInputs inputs, int count, StepClasses targets, IReadOnlyList<string> classNames, SequenceParts sequence, string fingerprint)
        : this(name, inputShape, inputs, count, fingerprint)
    {
        _stepClasses = targets;
        _sequence = sequence;
        ClassNames = classNames;
    }

    internal DataSet(string name, IReadOnlyList<int> inputShape, SampleInputs inputs, int count, IReadOnlyList<int> targetShape, float[] values, string fingerprint)
        : this(name, inputShape, inputs, count, fingerprint)
    {
        _values = values;
        TargetShape = targetShape;
        TargetLength = LengthOf(targetShape);
    }

    private DataSet(string name, IReadOnlyList<int> inputShape, SampleInputs inputs, int count, string fingerprint)
    {
        Name = name;
        InputShape = inputShape;
        InputLength = LengthOf(inputShape);
        _inputs = inputs;
        Count = count;
        Fingerprint = fingerprint;
        ClassNames = [];
        TargetShape = [];
    }

    private DataSet(DataSet whole, string name, IReadOnlyList<int> inputShape, int[]? samples, int[]? renumbered, IReadOnlyList<string> classNames)
    {
        Name = name;
        InputShape = inputShape;
        InputLength = whole.InputLength;
        TargetShape = whole.TargetShape;
        TargetLength = whole.TargetLength;
        Fingerprint = whole.Fingerprint;
        ClassNames = classNames;
        Count = samples?.Length ?? whole.Count;
        _inputs = whole._inputs;
        _classes = whole._classes;
        _values = whole._values;
        _stepClasses = whole._stepClasses;
        _sequence = whole._sequence;
        _samples = samples;
        _renumbered = renumbered;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>The axes of one input, without the samples' own.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>How many numbers an input has.</summary>
    public int InputLength { get; }

    /// <summary>How many samples there are.</summary>
    public int Count { get; }

    /// <summary>Whether targets are classes; else they are values.</summary>
    public bool HasClasses => _classes is not null || _stepClasses is not null;

    /// <summary>How many classes there are; 0 where targets are values.</summary>
    public int ClassCount => ClassNames.Count;

    /// <summary>What the classes are called, in their order.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The axes of one target; none where targets are classes.</summary>
    public IReadOnlyList<int> TargetShape { get; }

    /// <summary>How many numbers a target has; 0 where targets are classes.</summary>
    public int TargetLength { get; }

    /// <summary>SHA-256 of the files that the samples come from: equal on every machine that may take part. See <see cref="DataFingerprint"/>.</summary>
    public string Fingerprint { get; }

    /// <summary>Writes one sample's input.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="InputLength"/> numbers.</param>
    public void CopyInput(int sample, float* destination) => _inputs.Copy(Source(sample), InputLength, destination);

    /// <summary>Writes a run of one sample's input: some of the steps of a sequence.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="first">The first number of the input that is written.</param>
    /// <param name="count">How many are.</param>
    /// <param name="destination">Room for them.</param>
    public void CopyInputRun(int sample, int first, int count, float* destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, InputLength - first);
        _inputs.CopyRun(Source(sample), InputLength, first, count, destination);
    }

    /// <summary>The class of one sample, from 0 to <see cref="ClassCount"/> − 1.</summary>
    /// <exception cref="InvalidOperationException">Targets are values, or have a class at every step.</exception>
    public int ClassOf(int sample)
    {
        if (_classes is null)
            throw new InvalidOperationException($"The targets of {Name} are not one class each.");
        int original = _classes[Source(sample)];
        return _renumbered is null ? original : _renumbered[original];
    }

    /// <summary>Writes one sample's target values.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="TargetLength"/> numbers.</param>
    /// <exception cref="InvalidOperationException">Targets are classes.</exception>
    public void CopyTarget(int sample, float* destination)
    {
        if (_values is null)
            throw new InvalidOperationException($"The targets of {Name} are classes, not values.");
        _values.AsSpan(checked((int)((long)Source(sample) * TargetLength)), TargetLength).CopyTo(new Span<float>(destination, TargetLength));
    }

    /// <summary>A run of the samples.</summary>
    public DataSet Part(int first, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - first);
        return Pick(Enumerable.Range(first, count), name);
    }

    /// <summary>Only the samples of these classes, in their order; <c>classes[i]</c> is called i from now on.</summary>
    /// <exception cref="DataException">There are no classes, or no such class, or one is named twice, or no sample is left.</exception>
    public DataSet OnlyClasses(IReadOnlyList<int> classes)
    {
        if (_classes is null)
            throw new DataException(Name, "Its targets are not one class each, so there are no classes to pick.", "Leave 'classes' out.");
        int[] here = new int[ClassCount];
        Array.Fill(here, -1);
        for (int i = 0; i < classes.Count; i++)
        {
            int picked = classes[i];
            if (picked < 0 || picked >= ClassCount)
                throw new DataException(Name, $"There is no class {picked}.", $"Classes are 0 to {ClassCount - 1}.");
            if (here[picked] >= 0)
                throw new DataException(Name, $"Class {picked} is listed twice.", "List each class once.");
            here[picked] = i;
        }
        int[] samples = [.. Enumerable.Range(0, Count).Where(sample => here[ClassOf(sample)] >= 0)];
        if (samples.Length == 0)
            throw new DataException(Name, $"It has no sample of the classes {string.Join(", ", classes)}.", "Pick classes that it has.");
        int[] renumbered = _renumbered is null ? here : [.. _renumbered.Select(seen => seen < 0 ? -1 : here[seen])];
        return new DataSet(this, Name, InputShape, [.. samples.Select(Source)], renumbered, [.. classes.Select(picked => ClassNames[picked])]);
    }

    /// <summary>The first <paramref name="limit"/> samples, or all where there are fewer.</summary>
    public DataSet Limit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return limit >= Count ? this : Part(0, limit, Name);
    }

    /// <summary>Some of the samples, in the order given.</summary>
    internal DataSet Pick(IEnumerable<int> samples, string name) => new(this, name, InputShape, [.. samples.Select(Source)], _renumbered, ClassNames);

    internal DataSet WithInputShape(IReadOnlyList<int> shape) => LengthOf(shape) == InputLength
        ? new DataSet(this, Name, shape, _samples, _renumbered, ClassNames)
        : throw new ArgumentException($"An input of {InputLength} numbers has not the shape [{string.Join(", ", shape)}].", nameof(shape));

    internal DataSet WithClassNames(IReadOnlyList<string> names) => new(this, Name, InputShape, _samples, _renumbered, names);

    private static int LengthOf(IReadOnlyList<int> shape) => shape.Aggregate(1, (product, axis) => checked(product * axis));

    private int Source(int sample)
    {
        if ((uint)sample >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(sample), sample, $"{Name} has the samples 0 to {Count - 1}.");
        return _samples is null ? sample : _samples[sample];
    }
}
