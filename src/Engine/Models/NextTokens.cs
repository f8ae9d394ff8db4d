using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Models;

/// <summary>
/// Goes on with a sequence of tokens, one at a time: a network that gives at each step a number for every token that may come next reads what it chose. The state goes on
/// from step to step, so a token costs one step however long the sequence is, and the numbers are those of one pass over the whole.
/// </summary>
public sealed unsafe class NextTokens : IDisposable
{
    private readonly Network _network;
    private readonly Replica _replica;
    private readonly TokenSampler? _sampler;
    private readonly FloatBuffer _input;
    private readonly FloatBuffer _output;
    private readonly int _tokens;
    private float* _last;
    private long _drawn;
    private int _read;

    /// <param name="network">From tokens [T], or one-hot vectors [T, V], to a number for each token at every step, [T, K].</param>
    /// <param name="replica">Of this network, with parameters. Its states are this object's until it is done.</param>
    /// <param name="sampler">Draws the tokens; null for the first of the largest.</param>
    /// <exception cref="ShapeException">The network is not of this kind.</exception>
    public NextTokens(Network network, Replica replica, TokenSampler? sampler = null)
    {
        bool isSequence = network.Input.Rank is 1 or 2 && network.Output.Rank == 2 && network.FollowsInput && network.Output[0] == network.Input[0];
        if (!isSequence)
            throw new ShapeException("the network", "output", "a number for each token at every step of its input", $"{network.Output} of {network.Input}", "Use a model of a text, or of sentence pairs.");
        _network = network;
        _replica = replica;
        _sampler = sampler;
        _tokens = network.Input.Rank == 2 ? network.Input[1] : int.MaxValue;
        _input = new FloatBuffer(network.Input.Length);
        _output = new FloatBuffer(network.Output.Length);
    }

    /// <summary>Whether the network's outputs are probabilities, so that a sampler must take them as such.</summary>
    public static bool GivesProbabilities(Network network) => network.Layers.LastOrDefault(layer => !layer.PassesThrough) is SoftmaxLayer;

    /// <summary>Reads tokens that are given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The network has no place for one of them.</exception>
    public void Read(ReadOnlySpan<int> tokens)
    {
        int steps = _network.Input[0];
        for (int first = 0; first < tokens.Length; first += steps)
            Pass(tokens.Slice(first, Math.Min(steps, tokens.Length - first)));
    }

    /// <summary>Chooses the token that comes next, and reads it.</summary>
    /// <exception cref="InvalidOperationException">Nothing has been read yet.</exception>
    public int Next()
    {
        if (_last is null)
            throw new InvalidOperationException("Next before Read: there is nothing to go on from.");
        int count = _network.Output[1];
        int token = _sampler is null ? TokenSampler.Largest(_last, count) : _sampler.Draw(_last, count, 0, _drawn);
        _drawn++;
        Pass([token]);
        return token;
    }

    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }

    private void Pass(ReadOnlySpan<int> tokens)
    {
        for (int step = 0; step < tokens.Length; step++)
        {
            if (tokens[step] < 0 || tokens[step] >= _tokens)
                throw new ArgumentOutOfRangeException(nameof(tokens), tokens[step], "The network has no place for this token.");
            if (_network.Input.Rank == 1)
            {
                _input.Pointer[step] = tokens[step];
                continue;
            }
            var row = new Span<float>(_input.Pointer + ((long)step * _tokens), _tokens);
            row.Clear();
            row[tokens[step]] = 1;
        }
        var batch = new Batch
        {
            Inputs = _input.Pointer,
            Count = 1,
            Window = new SequenceWindow(_read, tokens.Length, 0, tokens.Length, _last is null ? StateSource.Start : StateSource.Previous),
        };
        _replica.Predict(batch, _output.Pointer);
        _read += tokens.Length;
        _last = _output.Pointer + ((long)(tokens.Length - 1) * _network.Output[1]);
    }
}
