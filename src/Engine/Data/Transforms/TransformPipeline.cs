using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Data.Transforms;

/// <summary>
/// The transforms of a job with their statistics. The coordinator fits them once on the training part; workers, and whoever
/// uses the saved model, restore them from the same numbers. Immutable, so any number of threads may apply it.
/// </summary>
public sealed unsafe class TransformPipeline
{
    private readonly FittedTransform[] _transforms;
    private readonly int[] _inputShape;
    private readonly int _length;

    private TransformPipeline(IReadOnlyList<int> inputShape, FittedTransform[] transforms)
    {
        _inputShape = [.. inputShape];
        _length = Length(inputShape);
        _transforms = transforms;
    }

    /// <summary>The shape of an input before and after; the transforms so far keep it.</summary>
    public IReadOnlyList<int> InputShape => _inputShape;

    /// <summary>All statistics as tensors <c>transforms.INDEX.NAME</c>, ready to be saved; none where no transform needs any.</summary>
    public IReadOnlyList<TensorData> Statistics =>
    [
        .. _transforms.Index().SelectMany(pair => pair.Item.Statistics.Select(statistic =>
            TensorData.Of(NameOf(pair.Index, statistic.Name), [statistic.Values.Length], statistic.Values))),
    ];

    /// <summary>Computes the statistics, each over what the transforms before it leave of the training part.</summary>
    /// <exception cref="DataException">A transform does not suit the data.</exception>
    public static TransformPipeline Fit(IReadOnlyList<TransformSpec> specs, DataSet training)
    {
        var fitted = new List<FittedTransform>();
        foreach (TransformSpec spec in specs)
        {
            var before = new TransformPipeline(training.InputShape, [.. fitted]);
            fitted.Add(FitOne(spec, training, before));
        }
        return new TransformPipeline(training.InputShape, [.. fitted]);
    }

    /// <summary>Takes the statistics from a file that holds those of <see cref="Statistics"/>, perhaps among other tensors.</summary>
    /// <exception cref="SafetensorsException">A statistic is missing or has another length.</exception>
    /// <exception cref="DataException">A transform does not suit the shape.</exception>
    public static TransformPipeline Restore(IReadOnlyList<TransformSpec> specs, IReadOnlyList<int> inputShape, SafetensorsFile file)
    {
        int length = Length(inputShape);
        float[] Read(int index, string name, int count)
        {
            float[] values = new float[count];
            file.CopyTo(NameOf(index, name), values);
            return values;
        }

        return new TransformPipeline(inputShape, [.. specs.Index().Select<(int Index, TransformSpec Item), FittedTransform>(pair => pair.Item switch
        {
            ScaleTransform scale => new FittedScale(scale.Factor),
            SubtractMeanTransform subtract => new FittedSubtractMean(Read(pair.Index, FittedSubtractMean.Mean, length / Span(subtract, inputShape, file.Path))),
            StandardizeTransform => new FittedStandardize(Read(pair.Index, FittedStandardize.Mean, length), Read(pair.Index, FittedStandardize.Deviation, length)),
            _ => throw Unknown(pair.Item),
        })]);
    }

    /// <summary>Transforms one sample in place.</summary>
    /// <param name="sample">As many numbers as the input shape has.</param>
    public void Apply(float* sample)
    {
        foreach (FittedTransform transform in _transforms)
            transform.Apply(sample, _length);
    }

    private static FittedTransform FitOne(TransformSpec spec, DataSet training, TransformPipeline before)
    {
        void Read(int sample, float[] destination)
        {
            fixed (float* pointer = destination)
            {
                training.CopyInput(sample, pointer);
                before.Apply(pointer);
            }
        }

        switch (spec)
        {
            case ScaleTransform scale:
                return float.IsFinite(scale.Factor)
                    ? new FittedScale(scale.Factor)
                    : throw new DataException(training.Name, $"The scale {scale.Factor} is not finite.", "Give a factor such as 1/255.");
            case SubtractMeanTransform subtract:
                return new FittedSubtractMean(Rounded(Transforms.Statistics.Means(training.Count, before._length, Span(subtract, training.InputShape, training.Name), Read)));
            case StandardizeTransform:
                double[] means = Transforms.Statistics.Means(training.Count, before._length, 1, Read);
                return new FittedStandardize(Rounded(means), Rounded(Transforms.Statistics.Deviations(training.Count, means, Read)));
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
