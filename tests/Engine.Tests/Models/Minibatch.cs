using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>A minibatch in native memory, and batches of any of its nodes.</summary>
internal sealed unsafe class Minibatch : IDisposable
{
    private readonly FloatBuffer _inputs;
    private readonly FloatBuffer? _values;
    private readonly int[]? _classes;
    private readonly List<IDisposable> _gathered = [];

    public Minibatch(int samples, float[] inputs, float[]? values = null, int[]? classes = null)
    {
        Samples = samples;
        InputLength = samples == 0 ? 0 : inputs.Length / samples;
        ValueLength = samples == 0 || values is null ? 0 : values.Length / samples;
        _inputs = Copy(inputs);
        _values = values is null ? null : Copy(values);
        _classes = classes is null ? null : GC.AllocateArray<int>(classes.Length, pinned: true);
        classes?.CopyTo(_classes!, 0);
    }

    public int Samples { get; }

    public int InputLength { get; }

    public int ValueLength { get; }

    public int ClassLength => Samples == 0 || _classes is null ? 0 : _classes.Length / Samples;

    /// <summary>[N, T], or null.</summary>
    public float[]? InputMask { get; init; }

    /// <summary>[N, U], or null.</summary>
    public float[]? TargetMask { get; init; }

    /// <summary>[N, width of all states], or null.</summary>
    public float[]? InitialStates { get; init; }

    public SequenceWindow? Window { get; init; }

    public int ClassOf(int sample) => _classes![sample];

    public Span<float> Inputs => _inputs.Span;

    public static Minibatch Random(int seed, int samples, int inputs, int classes = 0, int values = 0)
    {
        var random = new Random(seed);
        return new Minibatch(
            samples,
            Numbers(random, samples * inputs),
            values == 0 ? null : Numbers(random, samples * values),
            classes == 0 ? null : [.. Enumerable.Range(0, samples).Select(_ => random.Next(classes))]);
    }

    public static float[] Numbers(Random random, int count, float scale = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * scale))];

    /// <summary>The samples of the nodes, node after node.</summary>
    public Batch Of(int shards, params TreeNode[] nodes)
    {
        var samples = new List<int>();
        foreach (TreeNode node in nodes)
        {
            (int start, int end) = SumTree.NodeSamples(node, shards, Samples);
            samples.AddRange(Enumerable.Range(start, end - start));
        }
        FloatBuffer inputs = Keep(new FloatBuffer((long)samples.Count * InputLength));
        FloatBuffer values = Keep(new FloatBuffer((long)samples.Count * ValueLength));
        int[] classes = GC.AllocateArray<int>(Math.Max(1, samples.Count * ClassLength), pinned: true);
        int[] ids = GC.AllocateArray<int>(Math.Max(1, samples.Count), pinned: true);
        samples.CopyTo(ids);
        for (int i = 0; i < samples.Count; i++)
        {
            _inputs.Slice((long)samples[i] * InputLength, InputLength).CopyTo(inputs.Slice((long)i * InputLength, InputLength));
            _values?.Slice((long)samples[i] * ValueLength, ValueLength).CopyTo(values.Slice((long)i * ValueLength, ValueLength));
            _classes?.AsSpan(samples[i] * ClassLength, ClassLength).CopyTo(classes.AsSpan(i * ClassLength));
        }
        _pinned.Add(classes);
        _pinned.Add(ids);
        return new Batch
        {
            Inputs = inputs.Pointer,
            Count = samples.Count,
            Values = _values is null ? null : values.Pointer,
            Classes = _classes is null ? null : (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref classes[0]),
            InputMask = Gather(InputMask, samples),
            TargetMask = Gather(TargetMask, samples),
            InitialStates = Gather(InitialStates, samples),
            Window = Window,
            SampleIds = (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref ids[0]),
            Position = new PassPosition(1, 0, 0),
        };
    }

    private readonly List<int[]> _pinned = [];

    public Batch All() => Of(1, SumTree.Root(1));

    public void Dispose()
    {
        _inputs.Dispose();
        _values?.Dispose();
        foreach (IDisposable buffer in _gathered)
            buffer.Dispose();
    }

    private float* Gather(float[]? rows, List<int> samples)
    {
        if (rows is null)
            return null;
        int length = rows.Length / Samples;
        FloatBuffer gathered = Keep(new FloatBuffer((long)samples.Count * length));
        for (int i = 0; i < samples.Count; i++)
            rows.AsSpan(samples[i] * length, length).CopyTo(gathered.Slice((long)i * length, length));
        return gathered.Pointer;
    }

    private FloatBuffer Keep(FloatBuffer buffer)
    {
        _gathered.Add(buffer);
        return buffer;
    }

    private static FloatBuffer Copy(float[] numbers)
    {
        var buffer = new FloatBuffer(numbers.Length);
        numbers.CopyTo(buffer.Span);
        return buffer;
    }
}
