using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Models;

/// <summary>One state of one layer in one pass.</summary>
/// <param name="initial">Before the first step, [N, width]; may be read until the backward pass is done.</param>
/// <param name="carried">Receives the state after <see cref="Pass.CarryAt"/> steps, [N, width]; null where nobody asks.</param>
/// <param name="initialGradient">Receives ∂L/∂initial in the backward pass, [N, width]; null where nobody asks.</param>
/// <param name="carriedGradient">∂L/∂carried beside that of the output, [N, width]; null where nothing but the next chunk depends on it.</param>
public readonly unsafe struct StateSlot(float* initial, float* carried, float* initialGradient, float* carriedGradient)
{
    /// <summary>Before the first step, [N, width].</summary>
    public float* Initial { get; } = initial;

    /// <summary>Receives the state after <see cref="Pass.CarryAt"/> steps, [N, width]; null where nobody asks.</summary>
    public float* Carried { get; } = carried;

    /// <summary>Receives ∂L/∂initial in the backward pass, [N, width]; null where nobody asks.</summary>
    public float* InitialGradient { get; } = initialGradient;

    /// <summary>
    /// ∂L/∂carried beside that of the output, [N, width], for the backward pass: a decoder begins with the state that an encoder ends with, after all T
    /// steps. Null where nothing but the next chunk depends on it.
    /// </summary>
    public float* CarriedGradient { get; } = carriedGradient;
}

/// <summary>The memory of all states of all layers of a replica, and what goes in and out of it.</summary>
internal sealed unsafe class StateSlots : IDisposable
{
    private readonly Network _network;
    private readonly Slot[] _slots;
    private readonly int[] _firstOfLayer;

    public StateSlots(Network network, int maximumSamples)
    {
        _network = network;
        _firstOfLayer = new int[network.Layers.Count + 1];
        var slots = new List<Slot>();
        foreach (Layer layer in network.Layers)
        {
            _firstOfLayer[layer.Index] = slots.Count;
            foreach (StateDefinition state in layer.States)
            {
                int index = slots.Count - _firstOfLayer[layer.Index];
                slots.Add(new Slot(
                    state.Width, network.Bridge?.HandsOn(layer.Index, index) ?? false, network.Bridge?.Fills(layer.Index, index) ?? false,
                    network.Layout.Of(ParameterRole.CarriedState).FirstOrDefault(view => view.Name == $"{layer.Name}.{state.Name}"), maximumSamples));
            }
        }
        _firstOfLayer[^1] = slots.Count;
        _slots = [.. slots];
    }

    /// <summary>Whether the state that the passes carry out is asked for.</summary>
    public bool Carries { get; private set; }

    /// <summary>Whether the gradient with respect to the initial states is asked for.</summary>
    public bool WantsGradient { get; set; }

    public StateSlot Of(int layer, int state)
    {
        Slot slot = _slots[_firstOfLayer[layer] + state];
        return new StateSlot(
            slot.Initial.Pointer,
            Carries || slot.IsHandedOn ? slot.Carried.Pointer : null,
            WantsGradient || slot.IsFilled ? slot.Gradient().Pointer : null,
            slot.IsHandedOn ? slot.CarriedGradient().Pointer : null);
    }

    /// <summary>Fills in the state that a pass begins with.</summary>
    public void Begin(Pass pass, in Batch batch)
    {
        Carries = batch.Window is not null;
        int offset = 0;
        foreach (Slot slot in _slots)
        {
            long count = (long)pass.Samples * slot.Width;
            switch (batch.Window?.State ?? StateSource.Start)
            {
                case StateSource.Previous:
                    slot.Swap();
                    break;
                case StateSource.Committed:
                    Fetch(pass, slot);
                    break;
                default:
                    for (int sample = 0; sample < pass.Samples; sample++)
                    {
                        var row = new Span<float>(slot.Initial.Pointer + ((long)sample * slot.Width), slot.Width);
                        if (batch.InitialStates is null)
                            row.Clear();
                        else
                            new ReadOnlySpan<float>(batch.InitialStates + ((long)sample * _network.StateWidth) + offset, slot.Width).CopyTo(row);
                    }
                    break;
            }
            offset += slot.Width;
        }
    }

    /// <summary>Writes what each node's lanes carry on into the node's sum, +0 for other lanes.</summary>
    public void Commit(Pass pass)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Committed is not { } view)
                continue;
            for (int i = 0; i < pass.NodeCount; i++)
            {
                NodeRun node = pass.Node(i);
                float* rows = node.Gradient + view.Offset;
                new Span<float>(rows, checked((int)view.Length)).Clear();
                float* from = slot.Carried.Pointer + ((long)node.FirstSample * slot.Width);
                float* to = rows + ((long)node.FirstPosition * slot.Width);
                // A sum with +0 has no −0: so has a node of one leaf, as the tree would make of it.
                for (long j = 0; j < (long)node.Samples * slot.Width; j++)
                    to[j] = from[j] + 0f;
            }
        }
    }

    /// <summary>Copies the gradient with respect to the initial states out, [N, width of all states].</summary>
    public void CopyGradient(int samples, float* destination)
    {
        int offset = 0;
        foreach (Slot slot in _slots)
        {
            for (int sample = 0; sample < samples; sample++)
                new ReadOnlySpan<float>(slot.Gradient().Pointer + ((long)sample * slot.Width), slot.Width).CopyTo(new Span<float>(destination + ((long)sample * _network.StateWidth) + offset, slot.Width));
            offset += slot.Width;
        }
    }

    public void Dispose()
    {
        foreach (Slot slot in _slots)
            slot.Dispose();
    }

    private void Fetch(Pass pass, Slot slot)
    {
        if (slot.Committed is not { } view)
            throw new InvalidOperationException("The network was built without lanes, so there is no committed state to begin with.");
        for (int i = 0; i < pass.NodeCount; i++)
        {
            NodeRun node = pass.Node(i);
            long bytes = (long)node.Samples * slot.Width * sizeof(float);
            Buffer.MemoryCopy(pass.Parameters + view.Offset + ((long)node.FirstPosition * slot.Width), slot.Initial.Pointer + ((long)node.FirstSample * slot.Width), bytes, bytes);
        }
    }

    private sealed class Slot(int width, bool isHandedOn, bool isFilled, ParameterView? committed, int maximumSamples) : IDisposable
    {
        private FloatBuffer? _gradient;
        private FloatBuffer? _carriedGradient;

        /// <summary>Whether a decoder begins with what it carries out.</summary>
        public bool IsHandedOn => isHandedOn;

        /// <summary>Whether an encoder makes what it begins with.</summary>
        public bool IsFilled => isFilled;

        public int Width => width;

        public ParameterView? Committed => committed;

        public FloatBuffer Initial { get; private set; } = new((long)maximumSamples * width);

        public FloatBuffer Carried { get; private set; } = new((long)maximumSamples * width);

        public FloatBuffer Gradient() => _gradient ??= new FloatBuffer((long)maximumSamples * width);

        public FloatBuffer CarriedGradient() => _carriedGradient ??= new FloatBuffer((long)maximumSamples * width);

        public void Swap() => (Initial, Carried) = (Carried, Initial);

        public void Dispose()
        {
            Initial.Dispose();
            Carried.Dispose();
            _gradient?.Dispose();
            _carriedGradient?.Dispose();
        }
    }
}
