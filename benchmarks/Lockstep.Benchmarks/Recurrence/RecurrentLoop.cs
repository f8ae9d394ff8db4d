using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Benchmarks.Recurrence;

/// <summary>A recurrent layer over one-hot characters and a dense layer at every step: forward, loss and backward of one minibatch again and again.</summary>
internal sealed unsafe class RecurrentLoop : IStepSink, IDisposable
{
    private const int Shards = 16;

    private readonly Network _network;
    private readonly ComputeCrew _crew;
    private readonly Replica _replica;
    private readonly FloatBuffer _parameters;
    private readonly FloatBuffer _gradient;
    private readonly FloatBuffer _inputs;
    private readonly FloatBuffer _classes;
    private readonly TreeNode[] _root = [SumTree.Root(Shards)];
    private readonly int _batch;
    private long _version;

    /// <param name="spec">The recurrent layer.</param>
    /// <param name="batch">N.</param>
    /// <param name="steps">T.</param>
    /// <param name="characters">D, and how many classes there are.</param>
    /// <param name="threads">Compute threads.</param>
    public RecurrentLoop(RecurrentSpec spec, int batch, int steps, int characters, int threads)
    {
        _batch = batch;
        _network = Network.Build([spec, new DenseSpec(characters)], new Shape(steps, characters));
        _crew = new ComputeCrew(threads);
        _replica = new Replica(_network, new LossSpec(LossKind.SoftmaxCrossEntropy), [], batch, _crew);
        _parameters = new FloatBuffer(_network.Layout.Length);
        _gradient = new FloatBuffer(_network.Layout.Length);
        _network.Initialize(_parameters.Pointer, 1);
        _inputs = new FloatBuffer((long)batch * steps * characters);
        _classes = new FloatBuffer((long)batch * steps);
        var random = new Random(1);
        for (int place = 0; place < batch * steps; place++)
        {
            _inputs.Pointer[(place * characters) + random.Next(characters)] = 1;
            ((int*)_classes.Pointer)[place] = random.Next(characters);
        }
        Flops = FlopsOf(spec, batch * steps, characters);
    }

    /// <summary>Multiplications and additions of the products of a step.</summary>
    public double Flops { get; }

    /// <summary>The mean loss, the same every time.</summary>
    public double Loss { get; private set; }

    public void Step()
    {
        nint gradient = (nint)_gradient.Pointer;
        // A new version, so that weights are packed as in every step of a training.
        _replica.UseParameters(_parameters.Pointer, _version++);
        var batch = new Batch { Inputs = _inputs.Pointer, Count = _batch, Classes = (int*)_classes.Pointer, Position = new PassPosition(1, 0, 0) };
        _replica.Train(_root, Shards, _batch, batch, new ReadOnlySpan<nint>(in gradient), this, CancellationToken.None);
    }

    void IStepSink.SumsReady(int node, ReadOnlySpan<double> sums) => Loss = _replica.Sums.LossValue(sums);

    void IStepSink.BucketReady(int bucket)
    {
        // Nobody waits for a part of the gradient.
    }

    public void Dispose()
    {
        _replica.Dispose();
        _crew.Dispose();
        foreach (FloatBuffer buffer in new[] { _parameters, _gradient, _inputs, _classes })
            buffer.Dispose();
    }

    // Forward, weight gradients and input gradients, but for those of the characters.
    private static double FlopsOf(RecurrentSpec spec, double rows, double characters)
    {
        double units = spec.Units, width = units * (spec switch { LstmSpec { Coupled: false } => 4, RnnSpec => 1, _ => 3 });
        double first = (2 * characters) + (3 * units), others = (spec.Levels - 1) * 6 * units;
        return 2 * rows * ((width * (first + others)) + (3 * units * characters));
    }
}
