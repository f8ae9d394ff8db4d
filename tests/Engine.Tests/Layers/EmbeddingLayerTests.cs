using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class EmbeddingLayerTests
{
    private const int Samples = 8;
    private const int Shards = 4;
    private const int Vocabulary = 50;

    // The larger one is worth sharing out among threads.
    [Theory]
    [InlineData(3, 5, 1)]
    [InlineData(3, 5, 2)]
    [InlineData(64, 40, 1)]
    [InlineData(64, 40, 2)]
    public void Rows_that_a_step_before_wrote_are_zero_again_where_their_token_is_absent(int size, int steps, int threads)
    {
        using var net = new Net(size, steps, threads);
        var random = new Random(1);
        // Few tokens, so that most are absent; then none of those before; then a single one; then the first ones again.
        int[][] vocabularies = [[3, 7, 8, 49], [0, 1, 2, 30, 31], [12], [3, 7, 8, 49], [.. Enumerable.Range(0, Vocabulary)], [49]];
        foreach (int[] tokens in vocabularies)
        {
            using Minibatch minibatch = Of(random, tokens, steps);
            Assert.Equal(net.Fresh(minibatch).Select(BitsOf), net.Again(minibatch).Select(BitsOf));
        }
    }

    [Fact]
    public void What_others_wrote_is_cleared_once_it_is_told()
    {
        using var net = new Net(3, 5, 1);
        var random = new Random(2);
        using Minibatch first = Of(random, [3, 7], 5), second = Of(random, [4], 5);
        net.Again(first);
        net.Gradient.Span.Fill(float.NaN);
        net.Written.Forget();
        Assert.Equal(net.Fresh(second).Select(BitsOf), net.Again(second).Select(BitsOf));
    }

    [Fact]
    public void Rows_of_absent_tokens_are_not_touched_where_all_is_known()
    {
        using var net = new Net(3, 5, 1);
        var random = new Random(3);
        using Minibatch first = Of(random, [3, 7], 5), second = Of(random, [4], 5);
        net.Again(first);
        // A number that nobody tells of stays, which shows that its row is not looked at.
        net.Gradient.Span[net.Weight.At(20)] = 5;
        float[] after = net.Again(second);
        Assert.Equal(5, after[net.Weight.At(20)]);
        Assert.All(new[] { 3, 7 }, token => Assert.Equal(0, after[net.Weight.At(token)]));
        Assert.NotEqual(0, after[net.Weight.At(4)]);
    }

    private static int BitsOf(float number) => BitConverter.SingleToInt32Bits(number);

    private static Minibatch Of(Random random, int[] tokens, int steps) => new(
        Samples,
        [.. Enumerable.Range(0, Samples * steps).Select(_ => (float)tokens[random.Next(tokens.Length)])],
        classes: [.. Enumerable.Range(0, Samples).Select(_ => random.Next(4))]);

    private readonly record struct Rows(long Offset, int Size)
    {
        public int At(int token) => (int)(Offset + ((long)token * Size));
    }

    private sealed class Net : IDisposable
    {
        private readonly Network _network;
        private readonly ComputeCrew _crew;
        private readonly Replica _replica;
        private readonly FloatBuffer _parameters;

        public Net(int size, int steps, int threads)
        {
            _network = Network.Build([new EmbeddingSpec(size, Vocabulary), new RnnSpec(4), new LastStepSpec(), new DenseSpec(4)], new Shape(steps));
            _crew = new ComputeCrew(threads);
            _replica = new Replica(_network, new LossSpec(LossKind.SoftmaxCrossEntropy), [], Samples, _crew);
            (_parameters, Gradient) = (new FloatBuffer(_network.Layout.Length), new FloatBuffer(_network.Layout.Length));
            _network.Initialize(_parameters.Pointer, 1);
            _replica.UseParameters(_parameters.Pointer, 0);
            Weight = new Rows(_network.Layout[_network.Layout.Parameters[0].Name].Offset, size);
        }

        public FloatBuffer Gradient { get; }

        public WrittenRows Written { get; } = new();

        public Rows Weight { get; }

        /// <summary>The gradient in memory that passes have used before.</summary>
        public float[] Again(Minibatch minibatch) => Train(minibatch, Gradient, [Written]);

        /// <summary>The gradient in memory of which nothing is known.</summary>
        public float[] Fresh(Minibatch minibatch)
        {
            using var gradient = new FloatBuffer(_network.Layout.Length);
            gradient.Span.Fill(float.NaN);
            return Train(minibatch, gradient, []);
        }

        public void Dispose()
        {
            _replica.Dispose();
            _crew.Dispose();
            _parameters.Dispose();
            Gradient.Dispose();
        }

        private float[] Train(Minibatch minibatch, FloatBuffer gradient, WrittenRows[] written)
        {
            TreeNode[] nodes = [SumTree.Root(Shards)];
            _replica.Train(nodes, Shards, Samples, minibatch.Of(Shards, nodes), [(nint)gradient.Pointer], new SinkRecord(), CancellationToken.None, written: written);
            return gradient.Span.ToArray();
        }
    }
}
