using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>
/// One-hot characters [T, N, D] through recurrent levels and a linear layer at every step. The state goes on from chunk to chunk, gradients do not
/// (truncated backpropagation through time).
/// </summary>
internal sealed class CharacterNetwork : TrainedNetwork
{
    private readonly Layers _layers;
    private readonly long _characters;
    private Tensor[]? _state;

    /// <param name="cell">An LSTM, GRU or RNN.</param>
    /// <param name="units">Its units.</param>
    /// <param name="characters">D, and how many scores there are.</param>
    public CharacterNetwork(Module cell, long units, long characters)
    {
        _layers = new Layers(cell, Linear(units, characters));
        _characters = characters;
        SecondBiases = [.. cell.named_parameters()
            .Where(named => named.name.StartsWith("bias_hh_l", StringComparison.Ordinal))
            .Select(named => (named.parameter, cell is GRU ? named.parameter.shape[0] * 2 / 3 : named.parameter.shape[0]))];
    }

    public override Module Network => _layers;

    public override IReadOnlyList<(Parameter Parameter, long Count)> SecondBiases { get; }

    public override Tensor Loss(Tensor input, Tensor target)
    {
        (Tensor scores, Tensor[] state) = _layers.Forward(input, _state);
        BeginAnew();
        _state = Array.ConvertAll(state, part => part.detach().DetachFromDisposeScope());
        return functional.cross_entropy(scores.reshape(-1, _characters), target.reshape(-1));
    }

    public override void BeginAnew()
    {
        foreach (Tensor part in _state ?? [])
            part.Dispose();
        _state = null;
    }

    /// <summary>The two layers under the names that they have in Lockstep's jobs.</summary>
    private sealed class Layers : Module
    {
        private readonly Module _cell;
        private readonly Linear _head;

        public Layers(Module cell, Linear head)
            : base(nameof(Layers))
        {
            (_cell, _head) = (cell, head);
            register_module("cell", cell);
            register_module("head", head);
        }

        public (Tensor Scores, Tensor[] State) Forward(Tensor input, Tensor[]? state)
        {
            switch (_cell)
            {
                case LSTM lstm:
                    (Tensor output, Tensor h, Tensor c) = lstm.call(input, state is null ? null : (state[0], state[1]));
                    return (_head.call(output), [h, c]);
                case GRU gru:
                    (Tensor outputs, Tensor last) = gru.call(input, state?[0]!);
                    return (_head.call(outputs), [last]);
                case RNN rnn:
                    (Tensor values, Tensor end) = rnn.call(input, state?[0]!);
                    return (_head.call(values), [end]);
                default:
                    throw new InvalidOperationException($"{_cell.GetName()} is no recurrent layer.");
            }
        }
    }
}
