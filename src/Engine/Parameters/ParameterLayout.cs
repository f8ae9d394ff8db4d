namespace Lockstep.Engine.Parameters;

/// <summary>
/// Where every parameter lies. All parameters of a network lie in one flat buffer, all gradients in another of the same
/// layout, each state of the optimizer in one more. Between two parameters there may be padding, which is zero and stays zero. What is trained comes
/// first, then running statistics, then carried state: <see cref="ParameterRole"/>.
/// </summary>
/// <remarks>
/// The cut into blocks decides the order in which the gradient's norm is summed, so it belongs to the numbers: it depends
/// on the network alone.
/// </remarks>
public sealed class ParameterLayout
{
    /// <summary>Every parameter starts at a multiple of so many numbers (a cache line).</summary>
    public const int Alignment = 16;

    /// <summary>The most numbers that a block holds: 256 KiB of float32.</summary>
    public const int MaximumBlockLength = 65_536;

    private readonly Dictionary<string, ParameterView> _byName;

    /// <param name="parameters">Parameters in the order of their layers; offsets are given here and need not be set.</param>
    /// <exception cref="ArgumentException">Two parameters have one name, or layers are out of order.</exception>
    public ParameterLayout(IEnumerable<ParameterView> parameters)
    {
        var placed = new List<ParameterView>();
        long offset = 0;
        foreach (ParameterView parameter in parameters.OrderBy(parameter => parameter.Role))
        {
            if (placed.Count > 0 && parameter.Layer < placed[^1].Layer && parameter.Role == placed[^1].Role)
                throw new ArgumentException($"Parameter '{parameter.Name}' of layer {parameter.Layer} comes after layer {placed[^1].Layer}.", nameof(parameters));
            placed.Add(parameter with { Offset = offset });
            offset = checked(offset + parameter.Length + Alignment - 1) / Alignment * Alignment;
        }
        Parameters = placed;
        Length = offset;
        _byName = [];
        foreach (ParameterView parameter in placed)
        {
            if (!_byName.TryAdd(parameter.Name, parameter))
                throw new ArgumentException($"Two parameters are called '{parameter.Name}'.", nameof(parameters));
        }
        (Buckets, Blocks) = Cut(placed, offset);
    }

    /// <summary>All parameters, in the order of the flat buffer.</summary>
    public IReadOnlyList<ParameterView> Parameters { get; }

    /// <summary>Length of the flat buffers in numbers, padding included.</summary>
    public long Length { get; }

    /// <summary>What the optimizer trains, in the order of the flat buffer.</summary>
    public IEnumerable<ParameterView> Trained => Of(ParameterRole.Trained);

    /// <summary>What a model file holds: what is trained, and running statistics.</summary>
    public IEnumerable<ParameterView> Model => Parameters.Where(parameter => parameter.Role != ParameterRole.CarriedState);

    /// <summary>How many numbers are trained, padding left out.</summary>
    public long ParameterCount => Trained.Sum(parameter => parameter.Length);

    /// <summary>The cut of the flat buffer into blocks, in order, without gaps.</summary>
    public IReadOnlyList<ParameterBlock> Blocks { get; }

    /// <summary>The cut of the flat buffer into buckets, in order, without gaps.</summary>
    public IReadOnlyList<GradientBucket> Buckets { get; }

    /// <summary>A parameter by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public ParameterView this[string name] => _byName.TryGetValue(name, out ParameterView? view)
        ? view
        : throw new KeyNotFoundException($"No parameter is called '{name}'; there are {string.Join(", ", _byName.Keys)}.");

    /// <summary>The parameters of one role, in the order of the flat buffer.</summary>
    public IEnumerable<ParameterView> Of(ParameterRole role) => Parameters.Where(parameter => parameter.Role == role);

    /// <summary>The parameter that a place in the flat buffer belongs to; null in padding.</summary>
    public ParameterView? At(long offset) =>
        Parameters.FirstOrDefault(parameter => offset >= parameter.Offset && offset < parameter.Offset + parameter.Length);

    private static (IReadOnlyList<GradientBucket>, IReadOnlyList<ParameterBlock>) Cut(List<ParameterView> parameters, long length)
    {
        // From the last layer, where the backward pass begins, each bucket takes whole layers until it fills a block. Statistics and carried
        // state are known before the backward pass begins, so all of a role are one bucket.
        var cuts = new List<(long Offset, int Layer)>();
        long end = length;
        for (int i = parameters.Count - 1; i >= 0; i--)
        {
            bool startsRole = i == 0 || parameters[i - 1].Role != parameters[i].Role;
            bool startsLayer = startsRole || (parameters[i].Role == ParameterRole.Trained && parameters[i - 1].Layer != parameters[i].Layer);
            if (!startsLayer || (!startsRole && end - parameters[i].Offset < MaximumBlockLength))
                continue;
            cuts.Add((parameters[i].Offset, parameters[i].Role == ParameterRole.Trained ? parameters[i].Layer : GradientBucket.AfterForward));
            end = parameters[i].Offset;
        }
        cuts.Reverse();

        var buckets = new List<GradientBucket>();
        var blocks = new List<ParameterBlock>();
        for (int i = 0; i < cuts.Count; i++)
        {
            long bucketEnd = i + 1 < cuts.Count ? cuts[i + 1].Offset : length;
            int first = blocks.Count;
            for (long offset = cuts[i].Offset; offset < bucketEnd; offset += MaximumBlockLength)
                blocks.Add(new ParameterBlock(blocks.Count, i, offset, (int)Math.Min(MaximumBlockLength, bucketEnd - offset)));
            buckets.Add(new GradientBucket(i, cuts[i].Layer, first, blocks.Count - first));
        }
        return (buckets, blocks);
    }
}
