using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Data.Transforms;

/// <summary>
/// The transforms of a job with their statistics. The coordinator fits them once on the training part; workers, and whoever
/// uses the saved model, restore them from the same numbers. Immutable, so any number of threads may apply it.
/// </summary>
public sealed unsafe class TransformPipeline
{
    [ThreadStatic]
    private static float[]? _work;

    private readonly FittedTransform[] _transforms;
    private readonly int[] _inputShape;
    private readonly int[] _outputShape;
    private readonly int _inputLength;
    private readonly int _lastReshaping = -1;

    /// <summary>Elements of the longest sample between two transforms.</summary>
    private readonly int _longest;

    private TransformPipeline(IReadOnlyList<int> inputShape, FittedTransform[] transforms)
    {
        _inputShape = [.. inputShape];
        _outputShape = _inputShape;
        _transforms = transforms;
        _longest = _inputLength = Length(inputShape);
        for (int i = 0; i < transforms.Length; i++)
        {
            if (transforms[i] is not ReshapingTransform reshaping)
                continue;
            _lastReshaping = i;
            _outputShape = [.. reshaping.OutputShape];
            _longest = Math.Max(_longest, Length(_outputShape));
        }
        OutputLength = Length(_outputShape);
    }

    /// <summary>The shape of an input before.</summary>
    public IReadOnlyList<int> InputShape => _inputShape;

    /// <summary>The shape after: that of the network's input.</summary>
    public IReadOnlyList<int> OutputShape => _outputShape;

    /// <summary>How many numbers a transformed input has.</summary>
    public int OutputLength { get; }

    /// <summary>Whether tokens stay tokens: nothing is done to them.</summary>
    public bool KeepsTokens => _transforms.Length == 0;

    /// <summary>All statistics as tensors <c>transforms.INDEX.NAME</c>, ready to be saved; none where no transform needs any.</summary>
    public IReadOnlyList<TensorData> Statistics =>
    [
        .. _transforms.Index().SelectMany(pair => pair.Item.Statistics.Select(statistic =>
            TensorData.Of(NameOf(pair.Index, statistic.Name), [statistic.Values.Length], statistic.Values))),
    ];

    /// <summary>Computes the statistics, each over what the transforms before it leave of the training part.</summary>
    /// <param name="specs">What is done, in order.</param>
    /// <param name="training">The training part.</param>
    /// <param name="steps">Of the lanes of a stream, how many steps are transformed at once; null for the whole input.</param>
    /// <exception cref="DataException">A transform does not suit the data.</exception>
    public static TransformPipeline Fit(IReadOnlyList<TransformSpec> specs, DataSet training, int? steps = null)
    {
        IReadOnlyList<int> inputShape = steps is { } window ? [window] : training.InputShape;
        var fitted = new List<FittedTransform>();
        foreach (TransformSpec spec in specs)
        {
            if (training.IsStream && spec is not OneHotTransform)
                throw new DataException(training.Name, "Its inputs are the tokens of a stream, which are names and no quantities.", "Have 'oneHot' alone, or no transforms.");
            var before = new TransformPipeline(inputShape, [.. fitted]);
            fitted.Add(FitOne(spec, fitted.Count, training, before));
        }
        return new TransformPipeline(inputShape, [.. fitted]);
    }

    /// <summary>Takes the statistics from a file that holds those of <see cref="Statistics"/>, perhaps among other tensors.</summary>
    /// <exception cref="SafetensorsException">A statistic is missing or has another length.</exception>
    /// <exception cref="DataException">A transform does not suit the shape.</exception>
    public static TransformPipeline Restore(IReadOnlyList<TransformSpec> specs, IReadOnlyList<int> inputShape, SafetensorsFile file)
    {
        float[] Read(int index, string name, int count)
        {
            float[] values = new float[count];
            file.CopyTo(NameOf(index, name), values);
            return values;
        }

        var restored = new List<FittedTransform>();
        foreach ((int index, TransformSpec spec) in specs.Index())
        {
            var before = new TransformPipeline(inputShape, [.. restored]);
            IReadOnlyList<int> shape = before.OutputShape;
            int length = before.OutputLength;
            restored.Add(spec switch
            {
                ScaleTransform scale => new FittedScale(scale.Factor),
                SubtractMeanTransform subtract => new FittedSubtractMean(Read(index, FittedSubtractMean.Mean, length / Span(subtract, shape, file.Path))),
                StandardizeTransform => new FittedStandardize(Read(index, FittedStandardize.Mean, length), Read(index, FittedStandardize.Deviation, length)),
                WhitenTransform whiten => new FittedWhiten(
                    Read(index, FittedWhiten.Mean, length), Read(index, FittedWhiten.Weights, checked(length * WhiteningFit.Components(whiten, length, file.Path)))),
                RandomCropTransform crop => FittedRandomCrop.Of(crop, (uint)index, shape, file.Path),
                RandomFlipTransform => FittedRandomFlip.Of((uint)index, shape, file.Path),
                OneHotTransform => FittedOneHot.Restore(shape, Read(index, FittedOneHot.Size, 1)[0], file.Path),
                _ => throw Unknown(spec),
            });
        }
        return new TransformPipeline(inputShape, [.. restored]);
    }

    /// <summary>Transforms one sample in place, as for evaluation.</summary>
    /// <param name="sample">As many numbers as the input shape has.</param>
    /// <exception cref="InvalidOperationException">The shape changes.</exception>
    public void Apply(float* sample)
    {
        if (_lastReshaping >= 0)
            throw new InvalidOperationException("These transforms do not work in place.");
        Apply(sample, sample, SampleVisit.Evaluation);
    }

    /// <summary>Transforms one sample.</summary>
    /// <param name="input">As many numbers as the input shape has; they stay.</param>
    /// <param name="output">Room for <see cref="OutputLength"/> numbers; not the input's.</param>
    /// <param name="visit">Which reading it is.</param>
    public void Apply(float* input, float* output, in SampleVisit visit)
    {
        if (_lastReshaping < 0)
        {
            if (input != output)
                new ReadOnlySpan<float>(input, _inputLength).CopyTo(new Span<float>(output, _inputLength));
            ApplyFrom(0, output, _inputLength, visit);
            return;
        }
        fixed (float* work = Work())
            Reshape(input, output, work, visit);
    }

    /// <summary>Reads one sample and transforms it.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="sample">Which.</param>
    /// <param name="output">Room for <see cref="OutputLength"/> numbers.</param>
    /// <param name="visit">Which reading it is.</param>
    public void Read(DataSet data, int sample, float* output, in SampleVisit visit)
    {
        if (_lastReshaping < 0)
        {
            data.CopyInput(sample, output);
            ApplyFrom(0, output, _inputLength, visit);
            return;
        }
        fixed (float* work = Work())
        {
            float* input = work + (2L * _longest);
            data.CopyInput(sample, input);
            Reshape(input, output, work, visit);
        }
    }

    /// <summary>Up to the last reshaping transform a sample goes to and fro between two runs of memory, and that one writes the output.</summary>
    private void Reshape(float* input, float* output, float* work, in SampleVisit visit)
    {
        float* current = input;
        int length = _inputLength;
        for (int i = 0; i <= _lastReshaping; i++)
        {
            if (_transforms[i] is ReshapingTransform reshaping)
            {
                float* next = i == _lastReshaping ? output : current == work ? work + _longest : work;
                reshaping.Write(current, next, visit);
                current = next;
                length = reshaping.OutputLength;
                continue;
            }
            if (current == input)
            {
                new ReadOnlySpan<float>(input, length).CopyTo(new Span<float>(work, length));
                current = work;
            }
            _transforms[i].Apply(current, length, visit);
        }
        ApplyFrom(_lastReshaping + 1, output, length, visit);
    }

    private void ApplyFrom(int first, float* sample, int length, in SampleVisit visit)
    {
        for (int i = first; i < _transforms.Length; i++)
            _transforms[i].Apply(sample, length, visit);
    }

    /// <summary>Memory of this thread for three samples, so that any number of threads may transform and nothing is allocated while they do.</summary>
    private float[] Work()
    {
        long needed = 3L * _longest;
        return _work is { } work && work.Length >= needed ? work : _work = new float[needed];
    }

    private static FittedTransform FitOne(TransformSpec spec, int index, DataSet training, TransformPipeline before)
    {
        void Read(int sample, float[] destination)
        {
            fixed (float* pointer = destination)
                before.Read(training, sample, pointer, SampleVisit.Evaluation);
        }

        IReadOnlyList<int> shape = before.OutputShape;
        if (training.InputsAreTokens && before.KeepsTokens != spec is OneHotTransform)
            throw new DataException(training.Name, "Its inputs are tokens, which are names and no quantities.", "Begin the transforms with 'oneHot', once, or have none.");
        switch (spec)
        {
            case ScaleTransform scale:
                return float.IsFinite(scale.Factor)
                    ? new FittedScale(scale.Factor)
                    : throw new DataException(training.Name, $"The scale {scale.Factor} is not finite.", "Give a factor such as 1/255.");
            case SubtractMeanTransform subtract:
                return new FittedSubtractMean(Rounded(Transforms.Statistics.Means(training.Count, before.OutputLength, Span(subtract, shape, training.Name), Read)));
            case StandardizeTransform:
                double[] means = Transforms.Statistics.Means(training.Count, before.OutputLength, 1, Read);
                return new FittedStandardize(Rounded(means), Rounded(Transforms.Statistics.Deviations(training.Count, means, Read)));
            case WhitenTransform whiten:
                return WhiteningFit.Of(whiten, training.Count, before.OutputLength, training.Name, Read);
            case RandomCropTransform crop:
                return FittedRandomCrop.Of(crop, (uint)index, shape, training.Name);
            case RandomFlipTransform:
                return FittedRandomFlip.Of((uint)index, shape, training.Name);
            case OneHotTransform oneHot:
                return FittedOneHot.Of(oneHot, shape, training);
            default:
                throw Unknown(spec);
        }
    }

    /// <summary>How many neighbouring elements share a mean.</summary>
    private static int Span(SubtractMeanTransform subtract, IReadOnlyList<int> shape, string source) => subtract.Kind switch
    {
        MeanKind.PerPixel => 1,
        MeanKind.PerChannel when shape.Count == 3 => shape[1] * shape[2],
        _ => throw new DataException(source, $"An input of shape [{string.Join(", ", shape)}] has no channels.", "Use 'subtractMean: perPixel'; channels are for images [C, H, W]."),
    };

    private static float[] Rounded(double[] numbers) => [.. numbers.Select(number => (float)number)];

    private static string NameOf(int index, string name) => FormattableString.Invariant($"transforms.{index}.{name}");

    private static int Length(IReadOnlyList<int> shape) => shape.Aggregate(1, (product, axis) => checked(product * axis));

    private static ArgumentException Unknown(TransformSpec spec) => new($"Unknown transform {spec.GetType().Name}.", nameof(spec));
}
